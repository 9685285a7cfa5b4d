import fc from 'fast-check';
import type { Attempt, LedgerRows } from './domain/rows.js';
import {
  at,
  EMPTY,
  handOver,
  line,
  move,
  NOW,
  propose,
  release,
  takeBack,
} from './domain/ledger.fixtures.js';
import { openOf } from './domain/books.js';
import {
  CONDITIONS,
  REQUESTED_MOVEMENTS,
  type Allocation,
  type LedgerCommand,
  type Line,
  type MovementRequest,
  type RequestedMovement,
} from './domain/ledger.js';

/** `K` is a kit of two `A` and one `B`. */
export const SKUS = ['A', 'B', 'K'] as const;
/** A supplier and a marketplace's own warehouse beside two of ours. */
export const LOCATIONS = ['L1', 'L2', 'M1', 'S1'] as const;
const TYPES = ['warehouse', 'warehouse', 'marketplace', 'supplier'] as const;
const CHANNEL = 'web';
const DISPOSITIONS = ['restock', 'donate', 'refurbish', 'restock', 'repair'] as const;
const HELD_MINUTES = 2;

/** Where every history begins: a catalogue with a kit, shares of a channel, and nothing on the shelves. */
export const START: LedgerRows = {
  ...EMPTY,
  skus: SKUS,
  locations: LOCATIONS.map((locationId, index) => ({
    locationId,
    active: true,
    type: TYPES[index]!,
  })),
  kits: [
    {
      sku: 'K',
      parts: [
        { sku: 'A', perKit: 2 },
        { sku: 'B', perKit: 1 },
      ],
    },
  ],
  listings: [
    { channel: CHANNEL, sku: 'A', quota: 30, taken: 0, buffer: 1 },
    { channel: CHANNEL, sku: 'B', quota: null, taken: 0, buffer: 2 },
    { channel: CHANNEL, sku: 'K', quota: 5, taken: 0, buffer: 0 },
  ],
};

const pick = <Value>(values: readonly Value[], place: number): Value =>
  values[place % values.length]!;

/** One step of a history; what it names is chosen from what is there when it is taken. */
export type Step = {
  readonly kind: number;
  readonly order: number;
  readonly attempt: number;
  readonly choice: number;
  readonly sku: number;
  readonly location: number;
  readonly quantity: number;
  readonly more: number;
  readonly flag: boolean;
};
/** When a step is taken, and what sets its orders and checkouts apart from those of other parts of the history. */
export type Moment = { readonly now: string; readonly part: string };

const MOVEMENT = 14;
export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(MOVEMENT + 4),
  order: fc.nat(5),
  attempt: fc.integer({ min: 1, max: 4 }),
  choice: fc.nat(30),
  sku: fc.nat(2),
  location: fc.nat(3),
  quantity: fc.integer({ min: 1, max: 6 }),
  more: fc.nat(6),
  flag: fc.boolean(),
});

/** Kinds of steps that want stock, here and now or not at all. */
export const RUSHING = [0, 11] as const;

type Name = Pick<Step, 'order'> & { readonly part: string };
const orderIdOf = ({ order, part }: Name): string => `order-${part}${order}`;
const cartIdOf = ({ order, part }: Name): string => `cart-${part}${order}`;
/** Every second one comes from the channel that has a share. */
const channelOf = (id: string): string | null => (Number(id.at(-1)) % 2 === 0 ? CHANNEL : null);
const lineOf = ({ sku, quantity }: Step): Line => line(String(sku), pick(SKUS, sku), quantity);
const otherLineOf = ({ sku, more }: Step): Line =>
  line(String(sku + 1), pick(SKUS, sku + 1), more + 1);
/** Older orders have lower numbers and some are urgent, so that turns differ from arrival. */
const placeOf = (step: Step & Moment) => ({
  priority: step.order === 3 ? 1 : 0,
  acceptedAt: `2026-11-01T0${step.order}:00:00.000Z`,
  onlyLocationId: step.order === 4 ? 'L2' : null,
  channel: channelOf(orderIdOf(step)),
});

const allocationsOf = (step: Step): readonly Allocation[] => [
  at(pick(LOCATIONS, step.location), lineOf(step), ...(step.flag ? [otherLineOf(step)] : [])),
  ...(step.choice % 3 === 0 ? [at(pick(LOCATIONS, step.location + 1), lineOf(step))] : []),
];

const proposalOf = (step: Step & Moment, rows: LedgerRows): LedgerCommand => {
  const { location, attempt, kind, flag } = step;
  const allocations = allocationsOf(step);
  if (kind <= 2) return propose(orderIdOf(step), attempt, allocations, placeOf(step));
  if (kind === 3)
    return propose(orderIdOf(step), attempt, flag ? allocations : [], {
      ...placeOf(step),
      final: true,
      // A line has one SKU.
      backorders: [line(`9${pick(SKUS, location)}`, pick(SKUS, location), step.quantity)],
    });
  return kind === 4 ? offerProposalOf(step, rows) : takeoverOf(step, rows);
};

/** Takes an offer, whole, in part or not at all. */
const offerProposalOf = (step: Step & Moment, rows: LedgerRows): LedgerCommand => {
  const offer = pick(rows.offers, step.choice);
  if (!offer) return propose(orderIdOf(step), step.attempt, [], { ...placeOf(step), final: true });
  const lines = offer.lines
    .map(({ lineId, sku, quantity }) =>
      line(lineId, sku, step.flag ? quantity : quantity - step.more),
    )
    .filter(({ quantity }) => quantity > 0);
  return propose(
    offer.orderId,
    10 + step.choice,
    lines.length > 0 ? [at(offer.locationId, ...lines)] : [],
    { final: true, offerId: offer.offerId, channel: channelOf(offer.orderId) },
  );
};

const holdsOf = (rows: LedgerRows): readonly Attempt[] =>
  rows.attempts.filter(({ owner, outcome }) => owner === 'checkout' && outcome === 'reserved');

/** An order takes a hold over: what it has, or more, or less, beside what else the order wants. */
const takeoverOf = (step: Step & Moment, rows: LedgerRows): LedgerCommand => {
  const hold = pick(holdsOf(rows), step.choice);
  const held = rows.reservations
    .filter((row) => row.orderId === hold?.orderId && row.attempt === hold.attempt)
    .map(({ lineId, sku, quantity, orderId: reservationId }) => ({
      ...line(lineId, sku, Math.max(1, quantity + (step.more === 0 ? 1 : 0) - step.attempt + 1)),
      reservationId,
    }));
  return propose(orderIdOf(step), 5 + step.attempt, step.flag ? [] : allocationsOf(step), {
    ...placeOf(step),
    final: step.choice % 4 === 0,
    held,
  });
};

const releaseOf = (step: Step & Moment, rows: LedgerRows): LedgerCommand => {
  const row = pick(
    rows.reservations.filter(({ owner }) => owner === 'order'),
    step.choice,
  );
  const waiting = rows.backorders.filter(({ orderId }) => orderId === row?.orderId);
  return release(row?.orderId ?? orderIdOf(step), {
    reason: step.flag ? 'short' : 'cancelled',
    closesAttempt: step.more === 0 ? step.attempt : null,
    reservations: row ? [{ ...row, quantity: step.quantity }] : [],
    backorders: step.more > 3 ? waiting.map((one) => ({ ...one, quantity: step.quantity })) : [],
  });
};

/** Half of the time goods of a reservation that was revoked in part, where there is one. */
const handOverOf = (step: Step & Moment, rows: LedgerRows): LedgerCommand => {
  const ofOrders = rows.reservations.filter(({ owner }) => owner === 'order');
  const revoked = ofOrders.filter((row) => row.released > 0 && openOf(row) > 0);
  const row = pick(step.flag && revoked.length > 0 ? revoked : ofOrders, step.choice);
  if (!row || step.more === 0)
    return handOver(orderIdOf(step), 1, pick(LOCATIONS, step.location), lineOf(step));
  return handOver(row.orderId, row.attempt, row.locationId, {
    ...line(row.lineId, row.sku, row.quantity),
  });
};

/** Fewer lie there than are reserved: part of what orders have is revoked. */
const countBelow = (step: Step, rows: LedgerRows): LedgerCommand => {
  const shelf = pick(
    rows.balances.filter(({ reserved }) => reserved > 0),
    step.choice,
  );
  if (!shelf) return movementOf(step);
  const found = Math.max(0, shelf.reserved - Math.ceil(step.quantity / 3));
  return move('count', shelf.sku, shelf.locationId, found, { condition: 'sellable' });
};

/** A shelf becomes uncounted where nobody waits: those who do are served by and by, not in one batch. */
const keepShelfOf = (
  { sku, location, more, choice, flag }: Step,
  rows: LedgerRows,
): LedgerCommand => ({
  type: 'KeepShelf',
  data: {
    sku: pick(SKUS, sku),
    locationId: pick(LOCATIONS, location),
    ...(choice % 3 === 0
      ? { uncounted: flag && choice % 2 === 0 && rows.backorders.length === 0, leadTimeDays: more }
      : { safetyStock: more }),
  },
});

/** Checkouts ask for little that differs, so that the same is often asked for again. */
const holdOf = (step: Step & Moment): LedgerCommand => {
  const reservationId = cartIdOf(step);
  const { order, choice } = step;
  const wish = { sku: order % SKUS.length, quantity: 1 + (order % 2), choice: choice % 4, more: 0 };
  const allocations = allocationsOf({ ...step, ...wish });
  const seconds = HELD_MINUTES * 60 - step.more;
  return {
    type: 'HoldStock',
    data: {
      reservationId,
      channel: channelOf(reservationId),
      channels: null,
      expiresAt: new Date(Date.parse(step.now) + seconds * 1_000).toISOString(),
      // Where it is held is not part of what is asked for.
      contentHash: JSON.stringify(allocations.map(({ lines }) => lines)),
      allocations: step.choice === 1 ? [] : allocations,
      shortages:
        step.choice === 1 ? [{ sku: 'A', locationId: null, requested: 9, available: 0 }] : [],
    },
  };
};

const endOfHold = (step: Step & Moment, rows: LedgerRows): LedgerCommand =>
  step.flag
    ? {
        type: 'GiveBackHold',
        data: {
          reservationId: pick(holdsOf(rows), step.choice)?.orderId ?? cartIdOf(step),
          channels: null,
        },
      }
    : {
        type: 'ExpireHolds',
        data: { reservationIds: holdsOf(rows).map(({ orderId }) => orderId) },
      };

/** What only some types of movement may say. */
const detailsOf = (type: RequestedMovement, step: Step): Partial<MovementRequest> => {
  const { more, location, flag } = step;
  if (type === 'disposition')
    return {
      condition: pick(CONDITIONS, more),
      toCondition: flag ? pick(CONDITIONS, more + 1) : null,
    };
  if (type === 'transfer-out') return { toLocationId: flag ? pick(LOCATIONS, location + 1) : null };
  return type !== 'damage' && more > 4 ? { condition: pick(CONDITIONS, more) } : {};
};

const movementOf = (step: Step): LedgerCommand => {
  const { sku, location, choice, quantity, flag } = step;
  const type = pick(REQUESTED_MOVEMENTS, choice);
  const signed = type === 'adjustment' && flag ? -quantity : quantity;
  const units = type === 'receipt' ? quantity * 2 : signed;
  return move(type, pick(SKUS, sku), pick(LOCATIONS, location), units, detailsOf(type, step));
};

/** The command of a step, where the tables hold these rows. */
export const commandOf = (
  only: Step,
  rows: LedgerRows,
  moment: Moment = { now: NOW, part: '' },
): LedgerCommand => {
  const step = { ...only, ...moment };
  const { kind, sku, location } = step;
  if (kind <= 5) return proposalOf(step, rows);
  if (kind === 6) return releaseOf(step, rows);
  if (kind === 7) return handOverOf(step, rows);
  if (kind === 8)
    return takeBack(orderIdOf(step), pick(LOCATIONS, location), [
      { ...lineOf(step), disposition: pick(DISPOSITIONS, step.more) },
    ]);
  if (kind === 9) return keepShelfOf(step, rows);
  if (kind === 10)
    return { type: 'ExpireOffers', data: { offerIds: rows.offers.map(({ offerId }) => offerId) } };
  if (kind === 11 || kind === 12) return holdOf(step);
  if (kind === 13) return endOfHold(step, rows);
  if (kind === MOVEMENT) {
    const shelf = { sku: pick(SKUS, sku), locationId: pick(LOCATIONS, location) };
    return { type: 'OfferWaiting', data: { shelves: [shelf] } };
  }
  return kind === MOVEMENT + 1 ? countBelow(step, rows) : movementOf(step);
};

/** Steps in batches of different sizes; the clock goes on from one to the next. */
export const history = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 25,
});
