import { apiOf, load, percentile, type Api, type Measured } from './load.js';
import { orderBodies } from './orders.js';
import type { System, Usage } from './system.js';

const CONNECTIONS = 32;
const PAGE = 200;
const LOOK_EVERY_MS = 100;
const IDLE_TIMEOUT_MS = 300_000;

export type Costed = Measured & {
  readonly nodeMsPerOrder: number;
  readonly postgresMsPerOrder: number;
  readonly nodePeakMegabytes: number;
};

type Released = { readonly orderId: string; readonly releasedAt: string };
type Page = { readonly items: readonly Released[]; readonly nextCursor: string | null };

const costed = (measured: Measured, orders: number, before: Usage, after: Usage): Costed => ({
  ...measured,
  nodeMsPerOrder: ((after.nodeSeconds - before.nodeSeconds) * 1000) / orders,
  postgresMsPerOrder: ((after.postgresSeconds - before.postgresSeconds) * 1000) / orders,
  nodePeakMegabytes: after.nodePeakMegabytes,
});

/** Orders captured per second over HTTP while the rest of the system works on them. */
export const capture = async (
  system: System,
  run: string,
  connections: number,
  lineCount: number,
  durationMs: number,
): Promise<Costed & { readonly orders: number }> => {
  const api = apiOf(system, connections);
  const nextBody = orderBodies(run, lineCount);
  const before = system.usage();
  let orders = 0;
  const measured = await load(connections, durationMs, async () => {
    await api.call('POST', '/v1/orders', [201], nextBody());
    orders += 1;
  });
  const result = { ...costed(measured, orders, before, system.usage()), orders };
  await api.close();
  return result;
};

/** When each fulfillment that is released and untouched became work, by order. */
export class ReleaseWatch {
  readonly releasedAt = new Map<string, number>();
  #cursor: string | null = null;

  constructor(private readonly api: Api) {}

  /** Reads what has been released since the last look. */
  async look(): Promise<void> {
    for (;;) {
      const cursor: string = this.#cursor === null ? '' : `&cursor=${this.#cursor}`;
      const page: Page = await this.api.call(
        'GET',
        `/v1/fulfillments?status=released&limit=${PAGE}${cursor}`,
        [200],
      );
      for (const { orderId, releasedAt } of page.items)
        this.releasedAt.set(orderId, Date.parse(releasedAt));
      if (page.nextCursor === null) return;
      this.#cursor = page.nextCursor;
    }
  }

  /** Waits until so many orders are released. Throws when that takes too long. */
  async until(count: number): Promise<void> {
    const deadline = performance.now() + IDLE_TIMEOUT_MS;
    for (;;) {
      await this.look();
      if (this.releasedAt.size >= count) return;
      if (performance.now() > deadline)
        throw new Error(`Only ${this.releasedAt.size} of ${count} orders were released in time`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

/** Places so many orders as fast as they are taken; measures until the last is released for picking. */
export const flow = async (
  system: System,
  run: string,
  orders: number,
  watch: ReleaseWatch,
): Promise<Costed> => {
  const api = apiOf(system, CONNECTIONS);
  const nextBody = orderBodies(run, 3);
  const alreadyReleased = watch.releasedAt.size;
  const before = system.usage();
  const startedAt = Date.now();
  const sentAt = new Map<string, number>();
  let started = 0;
  const place = async (): Promise<void> => {
    while (started < orders) {
      started += 1;
      const at = Date.now();
      const body = nextBody();
      const placed = await api.call<{ orderId: string }>('POST', '/v1/orders', [201], body);
      sentAt.set(placed.orderId, at);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, place));
  await api.close();
  await watch.until(alreadyReleased + sentAt.size);
  const latencies = [...sentAt].map(([orderId, at]) => watch.releasedAt.get(orderId)! - at);
  const last = Math.max(...[...sentAt.keys()].map((id) => watch.releasedAt.get(id)!));
  const measured = {
    perSecond: sentAt.size / ((last - startedAt) / 1000),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
  return costed(measured, sentAt.size, before, system.usage());
};
