import type { EventStore } from '@throughline/event-store';
import { placementOf } from './domain/placement.js';
import type { OrderRequest, PlacedOrder } from './domain/placed-order.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

/** More says no more than that the orders are different ones. */
const FIELDS_MAX = 20;
/** Made from the rest, or by the acceptance. */
const DERIVED = new Set(['orderId', 'orderNumber', 'acceptedAt', 'subjectId', 'valueMinor']);

/** Which fields of an order differ from those that were taken under the same id, by their paths. */
export type OrderDifferences = (request: OrderRequest, orderId: string) => Promise<string[]>;

/** Compares with the order as it was placed: what people changed since is no part of it. */
export const orderDifferences =
  (store: EventStore): OrderDifferences =>
  async (request, orderId) => {
    const [first] = await store.read(`${ORDER_CATEGORY}-${orderId}`);
    const event = first && orderCodec.decode(first);
    if (event?.type !== 'OrderPlaced') return [];
    const { orderNumber, acceptedAt } = event.data;
    const placement = placementOf(request, { orderId, orderNumber, acceptedAt });
    return placement.ok ? differencesOf(event.data, placement.order) : [];
  };

/** Paths as a request names them, for example `lines[2].quantity`. */
export const differencesOf = (before: PlacedOrder, after: PlacedOrder): string[] => {
  const found = new Set<string>();
  compare(before, after, '', found);
  return [...found].slice(0, FIELDS_MAX);
};

const compare = (before: unknown, after: unknown, path: string, found: Set<string>): void => {
  if (before === after || found.size >= FIELDS_MAX) return;
  if (!isTree(before) || !isTree(after)) {
    found.add(path);
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (DERIVED.has(name)) continue;
    const at = Array.isArray(after) ? `${path}[${name}]` : join(path, name);
    compare(before[name], after[name], at, found);
  }
};

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Requests state decimals where orders keep minor units, and notes without the person that they are about. */
const join = (path: string, name: string): string => {
  const stated = name.replace(/Minor$/, '');
  if (path === 'notes' || path === 'notes.personal') return 'notes';
  return path === '' ? stated : `${path}.${stated}`;
};
