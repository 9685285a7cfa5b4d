import type { Attempt, Backorder, KnownMovement, Offer, Reservation } from './domain/rows.js';
import type { Line, MovementAnswer } from './domain/ledger.js';

/** The number that an attempt has in its table, by order and attempt. */
export type AttemptIds = ReadonlyMap<string, number>;

export type AttemptRow = {
  attempt_id: number;
  order_id: string;
  attempt: number;
  outcome: Attempt['outcome'];
  priority: number;
  accepted_at: Date;
  correlation_id: string;
};
export type ReservationRow = {
  attempt_id: number;
  line_id: string;
  sku: string;
  location_id: string;
  quantity: number;
  consumed: number;
  released: number;
};
/** A reservation with the attempt that holds it. */
export type ClaimRow = ReservationRow & Omit<AttemptRow, 'outcome'>;
export type OfferRow = {
  offer_id: string;
  order_id: string;
  location_id: string;
  state: Offer['state'];
  expires_at: Date;
  line_id: string;
  sku: string;
  quantity: number;
};
export type BackorderRow = {
  order_id: string;
  line_id: string;
  sku: string;
  quantity: number;
  offered: number;
  priority: number;
  since: Date;
  only_location_id: string | null;
  declined: string[];
  promised_on: Date | null;
  correlation_id: string;
};
export type MovementRow = {
  movement_id: string;
  request_id: string | null;
  content_hash: string;
  answer: MovementAnswer;
};

export const reservationOf = (
  row: ReservationRow,
  attempt: Omit<AttemptRow, 'outcome'>,
): Reservation => ({
  orderId: attempt.order_id,
  attempt: attempt.attempt,
  lineId: row.line_id,
  sku: row.sku,
  locationId: row.location_id,
  quantity: row.quantity,
  consumed: row.consumed,
  released: row.released,
  priority: attempt.priority,
  acceptedAt: attempt.accepted_at.toISOString(),
  correlationId: attempt.correlation_id,
});

export const backorderOf = (row: BackorderRow): Backorder => ({
  orderId: row.order_id,
  lineId: row.line_id,
  sku: row.sku,
  quantity: row.quantity,
  offered: row.offered,
  priority: row.priority,
  since: row.since.toISOString(),
  onlyLocationId: row.only_location_id,
  declined: row.declined,
  promisedOn: row.promised_on?.toISOString() ?? null,
  correlationId: row.correlation_id,
});

export const attemptOf = (row: AttemptRow): Attempt => ({
  orderId: row.order_id,
  attempt: row.attempt,
  outcome: row.outcome,
  priority: row.priority,
  acceptedAt: row.accepted_at.toISOString(),
  correlationId: row.correlation_id,
});

/** Offers of their lines, which stand together. */
export const offersOfLines = (rows: readonly OfferRow[]): Offer[] => {
  const offers = new Map<string, Offer & { lines: Line[] }>();
  for (const row of rows) {
    const { line_id: lineId, sku, quantity } = row;
    const known = offers.get(row.offer_id);
    if (known) known.lines.push({ lineId, sku, quantity });
    else
      offers.set(row.offer_id, {
        offerId: row.offer_id,
        orderId: row.order_id,
        locationId: row.location_id,
        state: row.state,
        expiresAt: row.expires_at.toISOString(),
        lines: [{ lineId, sku, quantity }],
      });
  }
  return [...offers.values()];
};

export const knownMovementOf = (row: MovementRow): KnownMovement => ({
  movementId: row.movement_id,
  requestId: row.request_id,
  contentHash: row.content_hash,
  answer: row.answer,
});
