import { ATTEMPT, type Corruption } from './corruption.fixtures.js';

const LOOSE_CLAIMS = `alter table reservations drop constraint never_more_than_reserved,
  drop constraint reservations_released_check, drop constraint reservations_consumed_check`;
const CLAIMS = `alter table reservations add check (consumed + released <= quantity),
  add check (released >= 0), add check (consumed >= 0)`;
const LOOSE_QUEUE = 'alter table backorders drop constraint never_offered_more_than_waits';
const QUEUE = `alter table backorders add check (0 <= offered and offered <= quantity)`;

export const CLAIM_CORRUPTIONS: readonly Corruption[] = [
  {
    what: 'a reservation deleted',
    sql: [`delete from reservations where attempt_id = ${ATTEMPT('o1')}`],
    found: ['reserved-is-what-is-held'],
  },
  {
    what: 'a reservation of nothing known',
    sql: [
      `insert into reservations (attempt_id, line_id, location_id, sku, quantity)
       values (999, '1', 'leeds', 'B', 2)`,
    ],
    found: ['claim-has-an-attempt', 'reserved-is-what-is-held'],
  },
  {
    what: 'the attempt of a kit deleted',
    sql: [`delete from attempts where order_id = 'o2'`],
    found: ['claim-has-an-attempt'],
  },
  {
    what: 'an attempt closed that still holds',
    sql: [`update attempts set outcome = 'closed' where order_id = 'o3'`],
    found: ['ended-attempt-holds-nothing'],
  },
  {
    what: 'a hold without an end',
    sql: [
      'alter table attempts drop constraint every_hold_expires',
      `update attempts set expires_at = null where order_id = 'h1'`,
    ],
    found: ['every-hold-ends'],
    mended: [
      `alter table attempts add constraint every_hold_expires
       check (owner = 'order' or expires_at is not null)`,
    ],
  },
  {
    what: 'a hold that should have ended long ago',
    sql: [`update attempts set expires_at = '2026-10-01T00:00:00Z' where order_id = 'h1'`],
    found: ['every-hold-ends'],
  },
  {
    what: 'a hold for ever',
    sql: [`update attempts set expires_at = '2999-01-01T00:00:00Z' where order_id = 'h1'`],
    found: ['every-hold-ends'],
  },
  {
    what: 'more given back than was reserved',
    sql: [LOOSE_CLAIMS, `update reservations set released = 9 where attempt_id = ${ATTEMPT('o1')}`],
    found: ['claim-adds-up', 'reserved-is-what-is-held'],
    mended: [CLAIMS],
  },
  {
    what: 'less than nothing handed over',
    sql: [
      LOOSE_CLAIMS,
      `update reservations set consumed = -2 where attempt_id = ${ATTEMPT('o1')}`,
    ],
    found: ['claim-adds-up', 'reserved-is-what-is-held'],
    mended: [CLAIMS],
  },
  {
    what: 'a part of a kit given back alone',
    sql: [`update reservations set released = 1 where attempt_id = ${ATTEMPT('o2')} and sku = 'B'`],
    found: ['parts-of-a-kit-agree', 'reserved-is-what-is-held'],
  },
  {
    what: 'offered lowered under the offer',
    sql: [`update backorders set offered = 0`],
    found: ['offered-is-what-offers-hold'],
  },
  {
    what: 'an offer ended that still holds',
    sql: [`update offers set state = 'expired'`],
    found: ['offered-is-what-offers-hold', 'reserved-is-what-is-held'],
  },
  {
    what: 'a place in the queue deleted under its offer',
    sql: [`delete from backorders`],
    found: ['offered-is-what-offers-hold'],
  },
  {
    what: 'more offered than is waited for',
    sql: [LOOSE_QUEUE, `update backorders set quantity = 1`],
    found: ['queue-place-adds-up'],
    mended: [QUEUE],
  },
  {
    what: 'a place in the queue for nothing',
    sql: [
      LOOSE_QUEUE,
      'alter table backorders drop constraint backorders_quantity_check',
      `update backorders set quantity = 0`,
    ],
    found: ['queue-place-adds-up'],
    mended: [QUEUE, 'alter table backorders add check (quantity > 0)'],
  },
  {
    what: 'a line twice in the queue',
    sql: [
      'alter table backorders drop constraint backorders_pkey',
      `insert into backorders select * from backorders`,
    ],
    found: ['one-place-per-line'],
    mended: ['alter table backorders add primary key (order_id, line_id, sku)'],
  },
  {
    what: 'an offer that should have ended long ago',
    sql: [`update offers set expires_at = '2026-10-01T00:00:00Z'`],
    found: ['every-offer-ends'],
  },
  {
    what: 'a share that forgot what it promised',
    sql: [`update listings set taken = 0`],
    found: ['taken-covers-what-is-held'],
  },
  {
    what: 'a share that promised too much',
    sql: [
      'alter table listings drop constraint never_beyond_quota',
      `update listings set quota = 1`,
    ],
    found: ['taken-is-within-the-share'],
    mended: [
      `alter table listings add constraint never_beyond_quota
       check (quota is null or taken <= greatest(quota, ceiling))`,
    ],
  },
];
