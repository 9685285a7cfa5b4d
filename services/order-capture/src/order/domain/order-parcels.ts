import { withLines, type LineFacts, type Parcel, type Quantities } from './line-facts.js';
import type { OrderEvent, ParcelStatus } from './order.js';

type Data<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>['data'];

const PLACE = {
  labelled: undefined,
  'in-transit': 'inTransit',
  'delivery-failed': 'inTransit',
  delivered: 'delivered',
  'returned-to-origin': 'returnedToOrigin',
  lost: 'lost',
  voided: undefined,
} as const satisfies Record<ParcelStatus, keyof LineFacts | undefined>;

/**
 * A higher rank wins, whatever the times: a lost parcel may turn up by a scan that is older than the
 * loss, and one that is back at its origin is there, whatever was said before. A voided one was opened
 * before it left: its units are where the location says.
 */
const RANK: Readonly<Record<ParcelStatus, number>> = {
  labelled: 0,
  'in-transit': 1,
  'delivery-failed': 2,
  lost: 3,
  delivered: 4,
  'returned-to-origin': 5,
  voided: 6,
};

/** Whether news of a parcel say more than what is known: a higher rank, or the same one later. */
export const supersedes = (
  news: Pick<Parcel, 'status' | 'at'>,
  known: Parcel | undefined,
): boolean =>
  known === undefined ||
  RANK[news.status] > RANK[known.status] ||
  (RANK[news.status] === RANK[known.status] && news.at > known.at);

/** Whether a parcel has left, or will never leave: what was awaited of its hand-over is told. */
export const isUnderWay = (status: ParcelStatus | undefined): boolean =>
  status !== undefined && status !== 'labelled';

export const parcelMoved = (quantities: Quantities, data: Data<'ParcelProgressed'>): Quantities => {
  const { shipmentId, status, at, content } = data;
  const known = quantities.parcels.get(shipmentId);
  if (!supersedes(data, known)) return quantities;
  const lines = known?.lines ?? content?.lines ?? [];
  const parcel: Parcel = { ...known, status, at, lines };
  const parcels = new Map(quantities.parcels).set(shipmentId, parcel);
  const from = known && PLACE[known.status];
  const to = PLACE[status];
  // Other units stand in for the reshipped ones: wherever the parcel turns up, the order has them once.
  if (from === to || known?.settled === 'reshipped') return { ...quantities, parcels };
  const moved = withLines(quantities, lines, (line, { quantity }) => ({
    ...line,
    ...(from && { [from]: line[from] - quantity }),
    ...(to && { [to]: line[to] + quantity }),
  }));
  return { ...moved, parcels };
};

/** Units of a lost parcel are open once more. */
export const reshipped = (quantities: Quantities, data: Data<'ReshipmentRequested'>): Quantities =>
  withLines(
    settled(quantities, data.shipmentId, 'reshipped'),
    data.lines,
    (line, { quantity }) => ({
      ...line,
      lost: line.lost - quantity,
      reshipped: line.reshipped + quantity,
    }),
  );

/** Units of a lost parcel stay lost; they are not owed any more. */
export const lossSettled = (quantities: Quantities, data: Data<'LossSettled'>): Quantities =>
  settled(quantities, data.shipmentId, 'refunded');

const settled = (
  quantities: Quantities,
  shipmentId: string,
  how: NonNullable<Parcel['settled']>,
): Quantities => {
  const parcel = quantities.parcels.get(shipmentId);
  if (!parcel) return quantities;
  const parcels = new Map(quantities.parcels).set(shipmentId, { ...parcel, settled: how });
  return { ...quantities, parcels };
};
