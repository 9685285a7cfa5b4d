import assert from 'node:assert/strict';
import { inParallel } from '@throughline/cli';
import { Caller, type Installation, type Json } from './caller.js';
import { eventually } from './eventually.js';
import { Made } from './made.js';

const WORKERS = 6;
const REASON = 'capability test is over';
const MOVEMENTS_MAX = 1_000;
/** An order of thousands of lines takes its time to be let go everywhere. */
const SETTLED_MS = 60_000;

/**
 * Takes everything that a run made out of use: nothing of it is open, lies anywhere or can be sold when this ends. What is
 * history stays: orders, movements, and items without stock.
 */
export const retire = async (installation: Installation, made: Made): Promise<void> => {
  const caller = new Caller(installation, new Made());
  for (const listing of made.listings) await caller.send('DELETE', listing);
  for (const hold of made.holds) await caller.send('DELETE', `/v1/inventory/reservations/${hold}`);
  await inParallel(made.supplies, WORKERS, (supply) => closeSupply(caller, supply));
  await inParallel(made.orders, WORKERS, (orderId) => endOrder(caller, orderId));
  await inParallel(made.locations, WORKERS, (location) => closeLocation(caller, location));
};

const closeSupply = async (caller: Caller, supply: string): Promise<void> => {
  const path = `/v1/inventory/supplies/${supply}/closure`;
  const { status } = await caller.send('POST', path, { reason: 'cancelled', note: REASON });
  // Refused where goods of it are on their way.
  if (status === 409) await caller.post(path, { reason: 'lost', note: REASON });
};

/** What has left goes to its end, the rest is cancelled. */
const endOrder = async (caller: Caller, orderId: string): Promise<void> => {
  for (const { shipmentId, status } of await caller.list('/v1/shipments', { orderId })) {
    const report = { eventId: `${shipmentId}-end`, status: 'delivered' };
    if (status !== 'labelled' && status !== 'voided')
      await caller.send('POST', `/v1/shipments/${shipmentId}/tracking-events`, report);
  }
  await caller.send('POST', `/v1/orders/${orderId}/cancellations`, { reason: REASON });
  await eventually(async () => {
    const { units, lines } = await caller.get(`/v1/orders/${orderId}`);
    const under = units.open + units.backordered + units.sourced + units.picked + units.packed;
    const cancelling = lines.some((line: Json) => line.cancelling > 0);
    assert.deepEqual({ under, cancelling }, { under: 0, cancelling: false }, `order ${orderId}`);
  }, SETTLED_MS);
};

const closeLocation = async (
  caller: Caller,
  [locationId, body]: readonly [string, object],
): Promise<void> => {
  const shelves = await caller.list('/v1/inventory/stock', { locationId });
  const movements = shelves.flatMap(emptying);
  for (let from = 0; from < movements.length; from += MOVEMENTS_MAX) {
    const some = movements.slice(from, from + MOVEMENTS_MAX);
    const { items } = await caller.post('/v1/inventory/movements:batch', { movements: some });
    const refused = items.filter(({ status }: Json) => status >= 300);
    assert.deepEqual(refused, [], `emptying ${locationId}`);
  }
  for (const { sku, safetyStock, uncounted } of shelves)
    if (safetyStock > 0 || uncounted)
      await caller.put(`/v1/inventory/stock/${sku}/${locationId}`, {
        safetyStock: 0,
        uncounted: false,
      });
  await caller.put(`/v1/inventory/locations/${locationId}`, { ...body, active: false });
};

/** What takes the goods of a shelf away, in every condition. */
const emptying = ({ sku, locationId, onHand, setAside }: Json): object[] => {
  const movementId = (what: string): string => `end-${locationId}-${sku}-${what}`;
  const common = { sku, locationId, reason: REASON };
  const piles = Object.entries<number>(setAside ?? {}).map(([condition, quantity]) => ({
    ...common,
    type: 'disposition',
    condition,
    quantity,
    movementId: movementId(condition),
  }));
  if (onHand > 0)
    piles.push({
      ...common,
      type: 'count',
      condition: 'sellable',
      quantity: 0,
      movementId: movementId('sellable'),
    });
  return piles;
};
