import { randomUUID } from 'node:crypto';
import { ensureAdminKey } from '@throughline/access';
import { TransientError } from '@throughline/kernel';
import { interleavingBus, KafkaConnection } from '@throughline/messaging';
import { createLogger, EVERY_ACTION, Host, openStreams } from '@throughline/service-kit';
import type { DestinationStream } from 'pino';
import { freshDatabaseUrl, until } from '@throughline/testing';
import { SERVICES } from './services.js';

const SETTLE_TIMEOUT_MS = 60_000;

type Json = ReturnType<typeof JSON.parse>;
type Answer = { readonly status: number; readonly body: Json };
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** How the bus of a test behaves: `calm` as in production, or as badly as a bus may. */
export type Weather = 'calm' | { readonly seed: number; readonly repeatedShare: number };

/** Mulberry32: a small seeded generator, so that a run can be repeated. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const notNow = (error: unknown): '' => {
  if (error instanceof TransientError) return '';
  throw error;
};

/** Who makes the topics, and as whom each service comes. */
export type Login = {
  readonly connection: KafkaConnection;
  readonly connectionOf: (service: string) => KafkaConnection;
};

/** What the system stands on; one log in Postgres and no broker where left out. */
export type Ground = {
  readonly weather?: Weather;
  readonly brokers?: readonly string[];
  /** How a system logs in whose topics and groups begin with `prefix`; by nothing where left out. */
  readonly login?: (prefix: string) => Promise<Login>;
  readonly eventStoreUrl?: string;
  /** Takes the lines of the log from `info` on. */
  readonly logLines?: DestinationStream;
  /** What to do once the tables are there, before anything runs. */
  readonly prepare?: (connectionString: string) => Promise<void>;
  /** Calls are made with the first admin key; otherwise every bearer may do everything. */
  readonly realKeys?: boolean;
  /** A system on the same ground: another replica of every service. */
  readonly beside?: TestSystem;
};

type Site = { readonly connectionString: string; readonly prefix: string };

/** The whole system on a fresh database, spoken to over HTTP. */
export class TestSystem {
  private constructor(
    readonly host: Host,
    private readonly site: Site,
    readonly key: string,
  ) {}

  static async start({
    weather = 'calm',
    brokers,
    login,
    eventStoreUrl,
    logLines,
    prepare,
    realKeys = false,
    beside,
  }: Ground = {}): Promise<TestSystem> {
    // Topics and groups of its own, on a broker that all specs share.
    const site = beside?.site ?? {
      connectionString: await freshDatabaseUrl(),
      prefix: `${randomUUID()}.`,
    };
    const random = weather === 'calm' ? undefined : seeded(weather.seed);
    const logger = logLines
      ? createLogger('info', logLines)
      : createLogger(process.env.LOG_LEVEL ?? 'silent');
    const host = await Host.create({
      definitions: SERVICES,
      connectionString: site.connectionString,
      logger,
      replicated: brokers !== undefined,
      ...(!realKeys && {
        authenticate: async () => ({ id: 'tester', name: 'tester', actions: EVERY_ACTION }),
      }),
      ...(random && {
        wrapBus: (bus) =>
          interleavingBus(bus, random, weather === 'calm' ? 0 : weather.repeatedShare),
      }),
      ...(brokers && {
        kafka: {
          ...((await login?.(site.prefix)) ?? {
            connection: new KafkaConnection({
              brokers,
              clientId: 'test',
              logger,
              prefix: site.prefix,
            }),
          }),
          partitions: 3,
          replication: 1,
        },
      }),
      ...(eventStoreUrl && { streams: await openStreams(eventStoreUrl, logger) }),
    });
    await prepare?.(site.connectionString);
    host.start();
    const { database } = host.services.get('access')!.runtime;
    const adminKey = async (): Promise<string> => (await ensureAdminKey(database)) ?? 'test';
    const key = realKeys ? await until(adminKey) : 'test';
    return new TestSystem(host, site, key);
  }

  stop(): Promise<void> {
    return this.host.stop();
  }

  async http(method: Method, url: string, body?: object, key = randomUUID()): Promise<Answer> {
    const answer = await this.host.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${this.key}`, 'idempotency-key': key },
      ...(body && { payload: body }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body };
  }

  /** A call that must succeed. "Not now" is answered as a client should: by asking again, with the same key. */
  async ok(method: Method, url: string, body?: object): Promise<Json> {
    const key = randomUUID();
    const deadline = performance.now() + SETTLE_TIMEOUT_MS;
    let answer = await this.http(method, url, body, key);
    while (answer.status === 503 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      answer = await this.http(method, url, body, key);
    }
    if (answer.status >= 300)
      throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** What an operation would do. */
  plan(method: Method, url: string, body: object = {}): Promise<Json> {
    if (method === 'DELETE') return this.ok(method, `${url}?dryRun=true`);
    return this.ok(method, url, { ...body, dryRun: true });
  }

  /** Carries an operation out, confirmed by what its plan names. */
  async operate(method: Method, url: string, body: object = {}): Promise<Json> {
    const { subject: confirm } = await this.plan(method, url, body);
    const confirmation = { confirm, reason: 'the test says so' };
    if (method === 'DELETE')
      return this.ok(method, `${url}?${new URLSearchParams(confirmation).toString()}`);
    return this.ok(method, url, { ...body, ...confirmation });
  }

  /** Waits until every message, projection and position of every service has come to rest. */
  async settled(): Promise<void> {
    const deadline = performance.now() + SETTLE_TIMEOUT_MS;
    let before = '';
    for (;;) {
      // Who cannot say just now is asked again.
      const heads = await this.#restingHeads().catch(notNow);
      if (heads !== '' && heads === before) return;
      before = heads;
      if (performance.now() > deadline) throw new Error('The system did not come to rest');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Where all logs end, when nothing is on its way; empty otherwise. */
  async #restingHeads(): Promise<string> {
    if (!(await this.host.isIdle())) return '';
    const services = [...this.host.services.values()];
    return (await Promise.all(services.map(({ runtime }) => runtime.store.head()))).join();
  }

  /** A warehouse with this much of each SKU. */
  async stock(
    locationId: string,
    postalCode: string,
    units: Record<string, number>,
  ): Promise<void> {
    await this.ok('PUT', `/v1/inventory/locations/${locationId}`, {
      type: 'warehouse',
      name: locationId,
      address: { lines: [], city: locationId, region: null, postalCode, country: 'GB' },
    });
    for (const [sku, quantity] of Object.entries(units)) {
      await this.ok('PUT', `/v1/inventory/items/${sku}`, { name: sku });
      await this.receive(locationId, sku, quantity);
    }
    await this.settled();
  }

  async receive(locationId: string, sku: string, quantity: number): Promise<void> {
    if (quantity === 0) return;
    await this.ok('POST', '/v1/inventory/movements', {
      type: 'receipt',
      sku,
      locationId,
      quantity,
      reason: 'test',
    });
  }

  /** Places an order of so many units per SKU at 2.50 each, to London, paid by card. Answers its id. */
  async place(externalId: string, units: Record<string, number>): Promise<string> {
    return (await this.ok('POST', '/v1/orders', orderOf(externalId, units))).orderId;
  }

  order(orderId: string): Promise<Json> {
    return this.ok('GET', `/v1/orders/${orderId}`);
  }

  async list(path: string): Promise<Json[]> {
    return (await this.ok('GET', path)).items;
  }

  /** Picks, packs and hands over everything that an order's fulfillments hold. */
  async shipAll(orderId: string): Promise<void> {
    for (const { fulfillmentId, lines, status } of await this.list(
      `/v1/fulfillments?orderId=${orderId}`,
    )) {
      if (status === 'handed-over' || status === 'closed') continue;
      const open = lines
        .map((line: Json) => ({
          lineId: line.lineId,
          quantity: line.quantity - line.picked - line.shorted - line.cancelled,
        }))
        .filter(({ quantity }: Json) => quantity > 0);
      const path = `/v1/fulfillments/${fulfillmentId}`;
      if (open.length > 0) await this.ok('POST', `${path}/picks`, { scanId: 'pick', lines: open });
      await this.ok('POST', `${path}/packs`, { packageId: 'parcel-1' });
      await this.settled();
      await this.ok('POST', `${path}/hand-over`, { handOverId: 'van' });
    }
    await this.settled();
  }

  /** The carrier reports the same fate for every parcel of an order. */
  async track(orderId: string, status: string): Promise<void> {
    for (const { shipmentId } of await this.list(`/v1/shipments?orderId=${orderId}`))
      await this.ok('POST', `/v1/shipments/${shipmentId}/tracking-events`, {
        eventId: status,
        status,
      });
    await this.settled();
  }
}

/** An order of so many units per SKU at 2.50 each, to London, paid by card. */
export const orderOf = (externalId: string, units: Record<string, number>) => {
  const lines = Object.entries(units).map(([sku, quantity], index) => ({
    lineId: String(index + 1),
    sku,
    quantity,
    unitPrice: '2.50',
  }));
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const total = (count * 2.5).toFixed(2);
  return {
    channel: 'web',
    externalId,
    placedAt: '2026-11-01T09:30:00Z',
    currency: 'GBP',
    customer: { id: 'c-17', type: 'consumer', personal: { name: 'Ada Lovelace' } },
    shipTo: {
      personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
      city: 'London',
      postalCode: 'SW1Y 4JH',
      country: 'GB',
    },
    fulfillment: { method: 'ship', service: 'standard' },
    payments: [{ method: 'card', status: 'authorized', amount: total, reference: 'ch_1' }],
    lines,
    total,
  };
};

/** The quantities of a line that are not zero. */
export const quantitiesOf = (order: Json, lineId = '1'): Record<string, number> => {
  const line = order.lines.find((candidate: Json) => candidate.lineId === lineId);
  return Object.fromEntries(
    Object.entries<number>(line.quantities).filter(([, quantity]) => quantity !== 0),
  );
};
