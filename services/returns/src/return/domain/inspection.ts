import { accept, reject, type Decision } from '@throughline/kernel';
import { excessOf, summed } from './quantities.js';
import type {
  JudgedGoods,
  JudgedUnits,
  Return,
  ReturnCommand,
  ReturnEvent,
  ReturnRejection,
} from './return.js';

type InspectReturn = Extract<ReturnCommand, { type: 'InspectReturn' }>['data'];
type Decided = Decision<ReturnEvent, ReturnRejection>;

/** Equal lines with equal disposition become one. */
const merged = (
  judged: readonly JudgedUnits[],
  skuOf: (lineId: string) => string,
): JudgedGoods[] => {
  const byKind = new Map<string, JudgedGoods>();
  for (const { lineId, disposition, quantity } of judged) {
    const key = `${disposition} ${lineId}`;
    const before = byKind.get(key)?.quantity ?? 0;
    byKind.set(key, { lineId, sku: skuOf(lineId), quantity: before + quantity, disposition });
  }
  return [...byKind.values()];
};

const hasReceived = ({ lines }: Return): boolean =>
  [...lines.values()].some(({ received }) => received > 0);

/** Everything that waits goes back to stock, at the place where it is. */
const inspectAll = (
  { returnId, locationId, refund }: InspectReturn,
  { kind, shipmentId, lines, waiting }: Return,
): Decided => {
  const places = [...waiting].filter(([place]) => locationId === null || place === locationId);
  const events = places.map(([place, there]): ReturnEvent => {
    const goods = [...there].map(([lineId, quantity]) => {
      const { sku } = lines.get(lineId)!;
      return { lineId, sku, quantity, disposition: 'restock' as const };
    });
    const origin = shipmentId === null ? {} : { shipmentId };
    const data = { returnId, kind, locationId: place, refund, ...origin, lines: goods };
    return { type: 'ReturnInspected', data };
  });
  return accept(...events);
};

/**
 * Says what becomes of units that were received. Goods of one return may lie in several places; each is
 * judged where it is, because stock goes up there.
 */
export const inspect = (command: InspectReturn, found: Return): Decided => {
  const { returnId, locationId, lines: judged, refund } = command;
  const { kind, shipmentId, lines, waiting } = found;
  if (!hasReceived(found)) return reject({ code: 'not-received', returnId });
  if (!judged) return inspectAll(command, found);
  if (locationId === null && waiting.size > 1)
    return reject({ code: 'location-needed', locationIds: [...waiting.keys()] });
  const place = locationId ?? [...waiting.keys()][0];
  const there = place === undefined ? undefined : waiting.get(place);
  const excess = excessOf(summed(judged), (lineId) => there?.get(lineId) ?? 0);
  if (place === undefined || excess.length > 0)
    return reject({ code: 'over-inspection', lines: excess });
  const goods = merged(judged, (lineId) => lines.get(lineId)!.sku);
  const origin = shipmentId === null ? {} : { shipmentId };
  const data = { returnId, kind, locationId: place, refund, ...origin, lines: goods };
  return accept({ type: 'ReturnInspected', data });
};
