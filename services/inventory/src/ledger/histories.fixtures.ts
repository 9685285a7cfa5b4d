import fc from 'fast-check';
import type { LedgerRows } from './domain/rows.js';
import { at, handOver, line, move, propose, release, takeBack } from './domain/ledger.fixtures.js';
import { REQUESTED_MOVEMENTS, type LedgerCommand, type Line } from './domain/ledger.js';

const SKUS = ['A', 'B'];
const LOCATIONS = ['L1', 'L2', 'L3'];
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

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(11),
  order: fc.nat(5),
  attempt: fc.integer({ min: 1, max: 4 }),
  choice: fc.nat(30),
  sku: fc.nat(1),
  location: fc.nat(2),
  quantity: fc.integer({ min: 1, max: 6 }),
  more: fc.nat(6),
  flag: fc.boolean(),
});

const orderIdOf = ({ order }: Step): string => `order-${order}`;
const lineOf = ({ sku, quantity }: Step): Line => line(String(sku), pick(SKUS, sku), quantity);
const otherLineOf = ({ sku, more }: Step): Line =>
  line(String(sku + 1), pick(SKUS, sku + 1), more + 1);
/** Older orders have lower numbers and some are urgent, so that turns differ from arrival. */
const placeOf = ({ order }: Step) => ({
  priority: order === 3 ? 1 : 0,
  acceptedAt: `2026-11-01T0${order}:00:00.000Z`,
  onlyLocationId: order === 4 ? 'L2' : null,
});

const proposalOf = (step: Step, rows: LedgerRows): LedgerCommand => {
  const { location, attempt, choice, kind, flag } = step;
  const allocations = [
    at(pick(LOCATIONS, location), lineOf(step), ...(flag ? [otherLineOf(step)] : [])),
    ...(choice % 3 === 0 ? [at(pick(LOCATIONS, location + 1), lineOf(step))] : []),
  ];
  if (kind <= 2) return propose(orderIdOf(step), attempt, allocations, placeOf(step));
  if (kind === 3)
    return propose(orderIdOf(step), attempt, flag ? allocations : [], {
      ...placeOf(step),
      final: true,
      backorders: [line('9', pick(SKUS, location), step.quantity)],
    });
  return offerProposalOf(step, rows);
};

/** Takes an offer, whole, in part or not at all. */
const offerProposalOf = (step: Step, rows: LedgerRows): LedgerCommand => {
  const offer = pick(rows.offers, step.choice);
  if (!offer) return propose(orderIdOf(step), step.attempt, [], { final: true });
  const lines = offer.lines
    .map((held) => ({ ...held, quantity: step.flag ? held.quantity : held.quantity - step.more }))
    .filter(({ quantity }) => quantity > 0);
  return propose(
    offer.orderId,
    10 + step.choice,
    lines.length > 0 ? [at(offer.locationId, ...lines)] : [],
    {
      final: true,
      offerId: offer.offerId,
    },
  );
};

const releaseOf = (step: Step, rows: LedgerRows): LedgerCommand => {
  const row = pick(rows.reservations, step.choice);
  const waiting = rows.backorders.filter(({ orderId }) => orderId === row?.orderId);
  return release(row?.orderId ?? orderIdOf(step), {
    reason: step.flag ? 'short' : 'cancelled',
    closesAttempt: step.more === 0 ? step.attempt : null,
    reservations: row ? [{ ...row, quantity: step.quantity }] : [],
    backorders: step.more > 3 ? waiting.map((one) => ({ ...one, quantity: step.quantity })) : [],
  });
};

const handOverOf = (step: Step, rows: LedgerRows): LedgerCommand => {
  const row = pick(rows.reservations, step.choice);
  if (!row || step.more === 0)
    return handOver(orderIdOf(step), 1, pick(LOCATIONS, step.location), lineOf(step));
  return handOver(row.orderId, row.attempt, row.locationId, {
    ...line(row.lineId, row.sku, row.quantity),
  });
};

const movementOf = ({ sku, location, choice, quantity, flag }: Step): LedgerCommand => {
  const type = pick(REQUESTED_MOVEMENTS, choice);
  const signed = type === 'adjustment' && flag ? -quantity : quantity;
  const units = type === 'receipt' ? quantity * 2 : signed;
  return move(type, pick(SKUS, sku), pick(LOCATIONS, location), units);
};

/** The command of a step, where the tables hold these rows. */
export const commandOf = (step: Step, rows: LedgerRows): LedgerCommand => {
  const { kind, sku, location, more } = step;
  if (kind <= 5) return proposalOf(step, rows);
  if (kind === 6) return releaseOf(step, rows);
  if (kind === 7) return handOverOf(step, rows);
  if (kind === 8)
    return takeBack(orderIdOf(step), pick(LOCATIONS, location), [
      { ...lineOf(step), disposition: step.flag ? 'restock' : 'donate' },
    ]);
  if (kind === 9) {
    const shelf = { sku: pick(SKUS, sku), locationId: pick(LOCATIONS, location) };
    return { type: 'KeepShelf', data: { ...shelf, safetyStock: more } };
  }
  if (kind === 10)
    return { type: 'ExpireOffers', data: { offerIds: rows.offers.map(({ offerId }) => offerId) } };
  return movementOf(step);
};

/** Steps in batches of different sizes; the clock goes on from one to the next. */
export const history = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 25,
});
