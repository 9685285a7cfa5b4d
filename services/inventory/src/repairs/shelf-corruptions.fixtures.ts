import { ATTEMPT, SHELF, type Corruption } from './corruption.fixtures.js';

const LOOSE_SHELVES = 'alter table balances drop constraint never_promised_twice';
const SHELVES = `alter table balances add constraint never_promised_twice check (
  0 <= reserved and 0 <= on_hand and (reserved <= on_hand or uncounted))`;

export const SHELF_CORRUPTIONS: readonly Corruption[] = [
  {
    what: 'on hand raised without a movement',
    sql: [`update balances set on_hand = on_hand + 7 where ${SHELF('A')}`],
    found: ['history-ends-where-the-shelf-stands', 'on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'on hand lowered without a movement',
    sql: [`update balances set on_hand = on_hand - 4 where ${SHELF('B')}`],
    found: ['history-ends-where-the-shelf-stands', 'on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'on hand below nothing',
    sql: [LOOSE_SHELVES, `update balances set on_hand = -1 where ${SHELF('A')}`],
    found: [
      'history-ends-where-the-shelf-stands',
      'on-hand-is-the-sum-of-movements',
      'promised-is-on-hand',
    ],
    mended: [SHELVES],
  },
  {
    what: 'a shelf deleted',
    sql: [`delete from balances where ${SHELF('A')}`],
    found: ['on-hand-is-the-sum-of-movements', 'reserved-is-what-is-held'],
  },
  {
    what: 'a movement deleted',
    sql: [`delete from movements where sku = 'C' and quantity = 5`],
    found: ['on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'a movement changed',
    sql: [`update movements set quantity = 3, after = 3 where sku = 'C' and quantity = 5`],
    found: ['on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'movements that add up to less than nothing',
    sql: [`delete from movements where sku = 'C' and quantity > 0`],
    found: ['on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'a movement added without goods',
    sql: [
      `insert into movements (type, sku, location_id, quantity, before, after, cause, at)
       values ('receipt', 'D', 'york', 2, 0, 2, 'by hand', now())`,
    ],
    found: ['on-hand-is-the-sum-of-movements'],
  },
  {
    what: 'damaged goods changed without a movement',
    sql: [`update set_aside set quantity = 9 where condition = 'damaged'`],
    found: ['set-aside-is-the-sum-of-movements'],
  },
  {
    what: 'goods in transit deleted',
    sql: [`delete from set_aside where condition = 'in-transit'`],
    found: ['set-aside-is-the-sum-of-movements'],
  },
  {
    what: 'reserved raised without a claim',
    sql: [`update balances set reserved = reserved + 3 where ${SHELF('A')}`],
    found: ['history-ends-where-the-shelf-stands', 'reserved-is-what-is-held'],
  },
  {
    what: 'reserved lowered under the claims',
    sql: [`update balances set reserved = 0 where ${SHELF('A')}`],
    found: ['history-ends-where-the-shelf-stands', 'reserved-is-what-is-held'],
  },
  {
    what: 'units promised twice',
    sql: [
      LOOSE_SHELVES,
      `update reservations set quantity = 40 where attempt_id = ${ATTEMPT('o1')}`,
      `update balances set reserved = reserved + 35 where ${SHELF('A')}`,
    ],
    found: ['history-ends-where-the-shelf-stands', 'promised-is-on-hand'],
    mended: [SHELVES],
  },
];
