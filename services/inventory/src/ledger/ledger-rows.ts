import { keyOf } from './domain/books.js';
import type { MovementAnswer, Part } from './domain/ledger.js';
import type {
  Attempt,
  Backorder,
  KnownMovement,
  Offer,
  OfferLine,
  Reservation,
} from './domain/rows.js';

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
  channel: string | null;
  owner: Attempt['owner'];
  expires_at: Date | null;
  request_id: string | null;
  content_hash: string | null;
};
/** A row of a table whose rows may be parts of a kit. */
type PartRow = { sku: string; quantity: number; kit_sku: string | null; per_kit: number | null };
export type ReservationRow = PartRow & {
  attempt_id: number;
  line_id: string;
  location_id: string;
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
} & PartRow;
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
  channel: string | null;
};
export type MovementRow = {
  movement_id: string;
  request_id: string | null;
  content_hash: string;
  answer: MovementAnswer;
};

/** The part of its kit that a row is; null where it is none. */
const partOf = ({ sku, kit_sku: kit, per_kit: perKit }: PartRow): Part | null =>
  kit === null || perKit === null ? null : { sku, perKit };

type Head = Omit<AttemptRow, 'attempt_id' | 'outcome'>;

const reservationOf = (
  row: ReservationRow,
  attempt: Head,
): Reservation & { parts: Part[] | null } => {
  const part = partOf(row);
  const perKit = row.per_kit ?? 1;
  return {
    orderId: attempt.order_id,
    attempt: attempt.attempt,
    lineId: row.line_id,
    sku: row.kit_sku ?? row.sku,
    locationId: row.location_id,
    quantity: row.quantity / perKit,
    consumed: row.consumed / perKit,
    released: row.released / perKit,
    parts: part && [part],
    priority: attempt.priority,
    acceptedAt: attempt.accepted_at.toISOString(),
    correlationId: attempt.correlation_id,
    channel: attempt.channel,
    owner: attempt.owner,
  };
};

/** Reservations of their rows: of a kit there is one for each part, in proportion. */
export const reservationsOf = <Row extends ReservationRow>(
  rows: readonly Row[],
  attemptOf: (row: Row) => Head,
): Reservation[] => {
  const kits = new Map<string, Reservation & { parts: Part[] | null }>();
  return rows.flatMap((row) => {
    const part = partOf(row);
    if (!part) return [reservationOf(row, attemptOf(row))];
    const key = keyOf(row.attempt_id, row.line_id, row.location_id, row.kit_sku!);
    const known = kits.get(key);
    if (known) {
      known.parts!.push(part);
      return [];
    }
    const first = reservationOf(row, attemptOf(row));
    kits.set(key, first);
    return [first];
  });
};

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
  channel: row.channel,
});

export const attemptOf = (row: AttemptRow): Attempt => ({
  orderId: row.order_id,
  attempt: row.attempt,
  outcome: row.outcome,
  priority: row.priority,
  acceptedAt: row.accepted_at.toISOString(),
  correlationId: row.correlation_id,
  channel: row.channel,
  owner: row.owner,
  expiresAt: row.expires_at?.toISOString() ?? null,
  requestId: row.request_id,
  contentHash: row.content_hash,
});

type LineEntry = OfferLine & { parts: Part[] | null };
type OfferEntry = Omit<Offer, 'lines'> & { lines: LineEntry[] };

/** Offers of their lines, which stand together, those of a kit's parts too. */
export const offersOfLines = (rows: readonly OfferRow[]): Offer[] => {
  const offers = new Map<string, OfferEntry>();
  for (const row of rows) {
    const known = offers.get(row.offer_id) ?? {
      offerId: row.offer_id,
      orderId: row.order_id,
      locationId: row.location_id,
      state: row.state,
      expiresAt: row.expires_at.toISOString(),
      lines: [],
    };
    offers.set(row.offer_id, known);
    addLine(known.lines, row);
  }
  return [...offers.values()];
};

const addLine = (lines: OfferEntry['lines'], row: OfferRow): void => {
  const part = partOf(row);
  const last = lines.at(-1);
  if (part && last?.lineId === row.line_id && last.sku === row.kit_sku) last.parts!.push(part);
  else
    lines.push({
      lineId: row.line_id,
      sku: row.kit_sku ?? row.sku,
      quantity: row.quantity / (row.per_kit ?? 1),
      parts: part && [part],
    });
};

export const knownMovementOf = (row: MovementRow): KnownMovement => ({
  movementId: row.movement_id,
  requestId: row.request_id,
  contentHash: row.content_hash,
  answer: row.answer,
});
