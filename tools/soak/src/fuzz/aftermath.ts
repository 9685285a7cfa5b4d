import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICE_NAMES } from '@throughline/kernel';
import type { Client } from '../client.js';

const RESTS_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 200;
const PLACE = 'fuzz-end';
const UNITS = 3;

type Items<Item> = { readonly items: readonly Item[] };
type Projection = {
  readonly name: string;
  readonly position: string;
  readonly head: string;
  readonly fault: string | null;
  readonly setAside: number;
  readonly rebuild: { readonly phase: string } | null;
};
type Reader = { readonly group: string; readonly lagMessages: number | null };
type Fulfillment = {
  readonly fulfillmentId: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
};
type Order = { readonly status: string; readonly units: { readonly shipped: number } };

/** Looks again and again until nothing is wrong; answers what still is after a while. */
const untilRight = async (look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  const deadline = performance.now() + RESTS_WITHIN_MS;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || performance.now() > deadline) return problems;
    await delay(LOOK_EVERY_MS);
  }
};

/** What stands still or is behind in a service. */
const behindIn = async (client: Client, service: string): Promise<readonly string[]> => {
  const projections = await client.get<Items<Projection>>(`/v1/${service}/projections`);
  const readers = await client.get<Items<Reader>>(`/v1/${service}/consumers`);
  if (!projections || !readers) return [`${service} does not tell how it stands`];
  return [
    ...projections.items.flatMap(({ name, position, head, fault, setAside, rebuild }) => {
      const isBehind = BigInt(position) < BigInt(head);
      const isRight =
        !isBehind && fault === null && setAside === 0 && rebuild?.phase !== 'building';
      return isRight ? [] : [`${service} ${name}: ${position} of ${head}, ${fault ?? 'no fault'}`];
    }),
    ...readers.items.flatMap(({ group, lagMessages }) =>
      lagMessages ? [`${service} ${group} has still to read ${lagMessages}`] : [],
    ),
  ];
};

/** An order of goods that the run did not touch is taken in, sourced, picked, packed and handed over. */
const orderProblems = async (client: Client): Promise<readonly string[]> => {
  const must = async <Body>(method: 'POST' | 'PUT', path: string, body: object): Promise<Body> => {
    const { status, body: told } = await client.send<Body>(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(told)}`);
    return told;
  };
  const sku = `END-${randomUUID()}`;
  const address = { lines: [], city: 'London', region: null, postalCode: 'N1 7GR', country: 'GB' };
  try {
    await must('PUT', `/v1/inventory/locations/${PLACE}`, {
      ...{ type: 'warehouse', name: PLACE, address },
    });
    await must('PUT', `/v1/inventory/items/${sku}`, { name: sku });
    const receipt = { type: 'receipt', sku, locationId: PLACE, quantity: UNITS, reason: 'end' };
    await must('POST', '/v1/inventory/movements', receipt);
    const { orderId } = await must<{ orderId: string }>('POST', '/v1/orders', {
      channel: 'web',
      externalId: sku,
      placedAt: new Date().toISOString(),
      currency: 'GBP',
      customer: { id: 'c-1', personal: { name: 'Ada Lovelace' } },
      shipTo: {
        personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
        ...{ city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
      },
      payments: [{ method: 'card', status: 'authorized', amount: '7.50', reference: 'ch_1' }],
      lines: [{ lineId: '1', sku, quantity: UNITS, unitPrice: '2.50' }],
      total: '7.50',
    });
    let work: Fulfillment | undefined;
    const isSourced = async (): Promise<readonly string[]> => {
      const path = `/v1/fulfillments?orderId=${orderId}`;
      work = (await client.get<Items<Fulfillment>>(path))?.items[0];
      return work ? [] : [`The last order, ${orderId}, is not sourced`];
    };
    const unsourced = await untilRight(isSourced);
    if (!work) return unsourced;
    const path = `/v1/fulfillments/${work.fulfillmentId}`;
    const lines = work.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
    await must('POST', `${path}/picks`, { scanId: 'pick', lines });
    await must('POST', `${path}/packs`, { packageId: 'parcel' });
    const handOver = async (): Promise<readonly string[]> => {
      const { status } = await client.send('POST', `${path}/hand-over`, { handOverId: 'van' });
      return status < 300 ? [] : [`The last order, ${orderId}, cannot be handed over: ${status}`];
    };
    const kept = await untilRight(handOver);
    if (kept.length > 0) return kept;
    return await untilRight(async () => {
      const order = await client.get<Order>(`/v1/orders/${orderId}`);
      return order?.units.shipped === UNITS ? [] : [`The last order is ${order?.status}`];
    });
  } catch (error) {
    return [`The last order fails: ${(error as Error).message}`];
  }
};

/** What must hold after any requests: nothing is behind, parked or set aside, the books agree, and orders flow. */
export const aftermath = async (client: Client, origin: string): Promise<readonly string[]> => {
  const problems = [
    ...(await orderProblems(client)),
    ...(await untilRight(async () =>
      (await Promise.all(SERVICE_NAMES.map((service) => behindIn(client, service)))).flat(),
    )),
  ];
  for (const service of SERVICE_NAMES) {
    const parked = await client.list<object>(`/v1/${service}/dead-letters`);
    for (const one of parked) problems.push(`${service} has parked ${JSON.stringify(one)}`);
  }
  for (const one of await client.list<object>('/v1/inventory/checks'))
    problems.push(`inventory finds ${JSON.stringify(one)}`);
  const { status } = await fetch(`${origin}/health/ready`);
  if (status !== 200) problems.push(`The system is not ready: ${status}`);
  return problems;
};
