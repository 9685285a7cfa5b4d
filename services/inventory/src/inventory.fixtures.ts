import {
  FulfillmentHandedOver,
  ReturnInspected,
  SourcingProposed,
  SourcingReleased,
  type InspectedLine,
  type LineQuantity,
} from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { checkLedger } from './checks/checks.query.js';
import { inventory } from './inventory.module.js';

export const ACCEPTED = '2026-11-01T09:00:00.000Z';
const NOW = '2026-11-01T10:00:00.000Z';

export const line = (lineId: string, sku: string, quantity: number): LineQuantity => ({
  lineId,
  sku,
  quantity,
});
export const at = (locationId: string, ...lines: LineQuantity[]) => ({ locationId, lines });

export type Warehouse = ServiceHarness & {
  /** Sets the clock. */
  at(time: string): void;
  catalogue(skus: readonly string[], locationIds: readonly string[]): Promise<void>;
  receive(sku: string, locationId: string, quantity: number): Promise<void>;
  propose(
    orderId: string,
    attempt: number,
    allocations: SourcingProposed['allocations'],
    more?: Partial<SourcingProposed>,
    id?: string,
  ): Promise<unknown>;
  release(orderId: string, more: Partial<SourcingReleased>, id?: string): Promise<unknown>;
  handOver(
    orderId: string,
    attempt: number,
    locationId: string,
    lines: LineQuantity[],
    id?: string,
  ): Promise<unknown>;
  takeBack(
    orderId: string,
    locationId: string,
    lines: InspectedLine[],
    id?: string,
  ): Promise<unknown>;
  stock(sku: string, locationId: string): Promise<object | undefined>;
  items(path: string): Promise<object[]>;
  /** Type, order and data of all that was told about reservations. */
  told(): Promise<{ type: string; data: Record<string, unknown> }[]>;
  /** Fails when the ledger contradicts itself. */
  isSound(): Promise<void>;
};

/** The service on a fresh database, with words for what its neighbours tell it. */
export const warehouse = async (): Promise<Warehouse> => {
  let now = NOW;
  const service = await startService(inventory, { now: () => now });
  const options = (id?: string) => (id === undefined ? {} : { id });
  const ok = async (method: 'POST' | 'PUT' | 'GET', path: string, body?: object) => {
    const answer = await service.http(method, path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const receive = async (sku: string, locationId: string, quantity: number): Promise<void> => {
    const movement = { type: 'receipt', sku, locationId, quantity, reason: 'delivery' };
    await ok('POST', '/v1/inventory/movements', movement);
  };
  const items = async (path: string): Promise<object[]> =>
    (await ok('GET', `/v1/inventory/${path}`)).items;
  return {
    ...service,
    at: (time) => {
      now = time;
    },
    catalogue: async (skus, locationIds) => {
      for (const sku of skus) await ok('PUT', `/v1/inventory/items/${sku}`, { name: sku });
      for (const locationId of locationIds)
        await ok('PUT', `/v1/inventory/locations/${locationId}`, {
          type: 'warehouse',
          name: locationId,
          address: { country: 'GB', postalCode: 'M1 1AE' },
        });
    },
    receive,
    propose: (orderId, attempt, allocations, more = {}, id) =>
      service.deliver(
        SourcingProposed,
        orderId,
        {
          orderId,
          attempt,
          final: false,
          priority: 0,
          acceptedAt: ACCEPTED,
          onlyLocationId: null,
          offerId: null,
          allocations,
          backorders: [],
          ...more,
        },
        options(id),
      ),
    release: (orderId, more, id) =>
      service.deliver(
        SourcingReleased,
        orderId,
        {
          orderId,
          reason: 'cancelled',
          closesAttempt: null,
          reservations: [],
          backorders: [],
          ...more,
        },
        options(id),
      ),
    handOver: (orderId, attempt, locationId, lines, id) =>
      service.deliver(
        FulfillmentHandedOver,
        orderId,
        {
          orderId,
          fulfillmentId: `${orderId}.${attempt}.${locationId}`,
          locationId,
          attempt,
          at: NOW,
          receiver: 'carrier',
          packages: [{ packageId: 'p1', shipmentId: null }],
          lines,
          progress: lines.map(({ lineId, sku, quantity }) => ({
            lineId,
            sku,
            released: quantity,
            picked: quantity,
            packed: quantity,
            handedOver: quantity,
            shorted: 0,
            cancelled: 0,
          })),
        },
        options(id),
      ),
    takeBack: (orderId, locationId, lines, id) =>
      service.deliver(
        ReturnInspected,
        orderId,
        {
          orderId,
          returnId: `${orderId}.1`,
          kind: 'customer',
          at: NOW,
          locationId,
          refund: true,
          lines,
        },
        options(id),
      ),
    stock: async (sku, locationId) => (await items(`stock?sku=${sku}&locationId=${locationId}`))[0],
    items,
    told: async () =>
      (await service.published('oms.reservation')).map(({ type, data }) => ({
        type,
        data: data as Record<string, unknown>,
      })),
    // What is overdue is for tasks to end, which do not run here: the clock of the check stands still.
    isSound: async () => expect(await checkLedger(service.runtime.database, NOW)).toEqual([]),
  };
};
