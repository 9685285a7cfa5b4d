import type { Api } from '../api/api.js';
import { openUnits } from '../reconcile/balance.js';
import { flightOf, isUnderWay, type Flight } from '../reconcile/flight.js';
import { compare } from '../reconcile/reconcile.js';
import { consumersOf } from './consumers.js';
import type { Fleet } from './fleet.js';

/** One thing that contradicts itself. */
export type Finding = {
  readonly service: string;
  readonly check: string;
  readonly subject: string;
  readonly detail: string;
};

const ACROSS = 'across services';
/** Lists whose every item is about an order. */
const LISTS = ['/v1/fulfillments', '/v1/shipments', '/v1/returns'] as const;

type OfOrder = { readonly orderId: string };
type Claim = OfOrder & { readonly lineId: string; readonly sku: string };

const standOf = async (fleet: Fleet): Promise<Flight> =>
  flightOf((await consumersOf(fleet)).flatMap(([, own]) => own));

/** Work on orders that order-capture does not know. */
const strangersIn = async (api: Api, known: ReadonlySet<string>): Promise<readonly Finding[]> => {
  const found: Finding[] = [];
  for (const path of LISTS)
    for await (const { orderId } of api.list<OfOrder>(path))
      if (!known.has(orderId)) {
        const detail = `${path} works on it, order-capture does not know it`;
        found.push({ service: ACROSS, check: 'order-unknown', subject: orderId, detail });
      }
  return found;
};

/** Stock that is held for orders with nothing left to ship. */
const idleClaims = async (api: Api, live: ReadonlySet<string>): Promise<readonly Finding[]> => {
  const found: Finding[] = [];
  const claims = api.list<Claim>('/v1/inventory/reservations', { state: 'committed' });
  for await (const { orderId, lineId, sku } of claims)
    if (!live.has(orderId)) {
      const detail = `line ${lineId} holds ${sku}, and nothing of the order is left to ship`;
      found.push({ service: ACROSS, check: 'reservation-idle', subject: orderId, detail });
    }
  return found;
};

/**
 * Compares what services say of the same orders and units; `onOrder` hears of each order. Only a system at rest can be
 * compared: undefined when messages were on their way meanwhile.
 */
export const acrossOf = async (
  fleet: Fleet,
  onOrder: () => void,
): Promise<readonly Finding[] | undefined> => {
  const { api } = fleet;
  const before = await standOf(fleet);
  if (before.messages > 0) return undefined;
  const known = new Set<string>();
  const live = new Set<string>();
  const { differences } = await compare(api, undefined, ({ orderId, units }) => {
    known.add(orderId);
    if (openUnits(units) + units.backordered > 0) live.add(orderId);
    onOrder();
  });
  const found = [...(await strangersIn(api, known)), ...(await idleClaims(api, live))];
  const after = await standOf(fleet);
  if (isUnderWay([before, after])) return undefined;
  return [
    ...found,
    ...differences
      // Those are the ledger's own, which were looked at already.
      .filter(({ check }) => !check.startsWith('inventory: '))
      .map((difference) => ({ service: ACROSS, ...difference })),
  ];
};
