import type { Api } from '../api/api.js';
import { CARRIER_STATUSES, carrierWork, returnRequest, type Shipment } from './carrier.js';
import { FLOOR_STATUSES, floorWork, type Fulfillment } from './floor.js';
import type { Lane } from './lane.js';
import type { Plan } from './play.js';
import { DESK_STATUSES, deskWork, type Return } from './returns-desk.js';

/** How often a return may come before the returns service knows of the delivery. */
const EARLY_MAX = 100;

/** Parcels whose customers will send something back. */
export const pendingReturns = (plan: Plan) => {
  const pending = new Map<string, Shipment>();
  const early = new Map<string, number>();
  return {
    pending: pending as ReadonlyMap<string, Shipment>,
    delivered: (shipment: Shipment): void => {
      if (returnRequest(shipment, plan)) pending.set(shipment.shipmentId, shipment);
    },
    requested: ({ shipmentId }: Shipment): void => void pending.delete(shipmentId),
    /** True while it may help to ask again. */
    refused: ({ shipmentId }: Shipment): boolean => {
      const times = (early.get(shipmentId) ?? 0) + 1;
      early.set(shipmentId, times);
      if (times >= EARLY_MAX) pending.delete(shipmentId);
      return times < EARLY_MAX;
    },
  };
};

async function* listed<Thing>(
  api: Api,
  path: string,
  statuses: readonly string[],
): AsyncGenerator<Thing> {
  for (const status of statuses) yield* api.list<Thing>(path, { status });
}

const floorLane = (api: Api, plan: Plan, statuses: readonly string[]): Lane<Fulfillment> => ({
  things: () => listed(api, '/v1/fulfillments', statuses),
  idOf: ({ fulfillmentId }) => fulfillmentId,
  workOn: (fulfillment) => floorWork(fulfillment, plan),
});

/** Everybody who does something: pickers and packers, the dock, carriers, customers, the returns desk. */
export const lanesOf = (
  api: Api,
  plan: Plan,
  locations: readonly string[],
  returning: ReturnType<typeof pendingReturns>,
): readonly Lane<never>[] => {
  const carriers: Lane<Shipment> = {
    things: () => listed(api, '/v1/shipments', CARRIER_STATUSES),
    idOf: ({ shipmentId }) => shipmentId,
    workOn: (shipment) => carrierWork(shipment, plan),
    done: (shipment, act) => {
      if (act !== 'delivered') return;
      returning.delivered({ ...shipment, status: act, statusAt: new Date().toISOString() });
    },
  };
  const customers: Lane<Shipment> = {
    things: () => [...returning.pending.values()],
    idOf: ({ shipmentId }) => shipmentId,
    workOn: (shipment) => returnRequest(shipment, plan),
    done: returning.requested,
    isEarly: returning.refused,
  };
  const desk: Lane<Return> = {
    things: () => listed(api, '/v1/returns', DESK_STATUSES),
    idOf: ({ returnId }) => returnId,
    workOn: (request) => deskWork(request, locations, plan),
  };
  const floor = floorLane(api, plan, FLOOR_STATUSES.slice(0, -1));
  const dock = floorLane(api, plan, FLOOR_STATUSES.slice(-1));
  return [floor, dock, carriers, customers, desk] as unknown as readonly Lane<never>[];
};
