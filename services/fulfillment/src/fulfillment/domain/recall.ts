import { accept, reject, type Decision } from '@throughline/kernel';
import type {
  Assignment,
  Fulfillment,
  FulfillmentEvent,
  FulfillmentRejection,
  LineProgress,
  LineQuantity,
  MovedLine,
  PackageLabel,
  RecallLines,
} from './fulfillment.js';
import { activeOf, summed } from './lines.js';
import { scanKey } from './scans.js';

/** Someone wants goods back: answered once, with what is given up and what is too late. */
export const recallLines = (
  { recallId, orderId, lines }: RecallLines,
  state: Fulfillment,
  assignment: Assignment,
): Decision<FulfillmentEvent, FulfillmentRejection> => {
  if (orderId !== assignment.orderId) return reject({ code: 'unknown-fulfillment' });
  if (state.scans.has(scanKey('recall', recallId))) return accept();
  const data = { ...assignment, recallId, ...recalled(state, lines) };
  return accept({ type: 'LinesRecalled', data });
};

type Recall = {
  readonly lines: readonly MovedLine[];
  readonly refused: readonly LineQuantity[];
  readonly reopened: readonly PackageLabel[];
};

/**
 * Gives up as much of `wanted` as has not been handed over, and refuses the rest. What is not picked yet goes
 * first, then what is picked; only then packages are opened, the newest first, each as a whole: its
 * other goods are picked again and wait for a new package.
 */
const recalled = (
  { lines, packages }: Pick<Fulfillment, 'lines' | 'packages'>,
  wanted: readonly LineQuantity[],
): Recall => {
  const granted = new Map<string, number>();
  const refused: LineQuantity[] = [];
  const packedWanted = new Map<string, number>();
  for (const request of summed(wanted)) {
    const line = lines.get(request.lineId);
    const able = line ? Math.min(request.quantity, activeOf(line) - line.handedOver) : 0;
    if (able < request.quantity) refused.push({ ...request, quantity: request.quantity - able });
    if (!line) continue;
    granted.set(request.lineId, able);
    const packed = able - (activeOf(line) - line.packed);
    if (packed > 0) packedWanted.set(request.lineId, packed);
  }
  const { reopened, unpacked } = reopenedFor(packages, packedWanted);
  return { lines: afterRecall(lines, granted, unpacked), refused, reopened };
};

/** Which packages must be opened to get at these quantities, and what of each line comes out of them. */
const reopenedFor = (
  packages: Fulfillment['packages'],
  wanted: ReadonlyMap<string, number>,
): Pick<Recall, 'reopened'> & { readonly unpacked: ReadonlyMap<string, number> } => {
  const reopened: PackageLabel[] = [];
  const unpacked = new Map<string, number>();
  const isWanted = ({ lineId }: LineQuantity): boolean =>
    (wanted.get(lineId) ?? 0) > (unpacked.get(lineId) ?? 0);
  if (wanted.size === 0) return { reopened, unpacked };
  for (const [packageId, { state, lines, shipmentId }] of [...packages].reverse()) {
    if (state !== 'packed' || !lines.some(isWanted)) continue;
    reopened.push({ packageId, shipmentId });
    for (const { lineId, quantity } of lines)
      unpacked.set(lineId, (unpacked.get(lineId) ?? 0) + quantity);
  }
  return { reopened, unpacked };
};

/** Every line that the recall touched; the first line where it touched none, so that there is one to tell. */
const afterRecall = (
  lines: Fulfillment['lines'],
  granted: ReadonlyMap<string, number>,
  unpacked: ReadonlyMap<string, number>,
): MovedLine[] => {
  const touched = new Set([...granted.keys(), ...unpacked.keys()]);
  if (touched.size === 0) for (const lineId of [...lines.keys()].slice(0, 1)) touched.add(lineId);
  return [...touched].map((lineId) => {
    const quantity = granted.get(lineId) ?? 0;
    return { quantity, after: without(lines.get(lineId)!, quantity, unpacked.get(lineId) ?? 0) };
  });
};

const without = (line: LineProgress, quantity: number, unpacked: number): LineProgress => {
  const after = { ...line, cancelled: line.cancelled + quantity, packed: line.packed - unpacked };
  return { ...after, picked: Math.min(after.picked, activeOf(after)) };
};
