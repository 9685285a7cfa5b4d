import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

const CLIENTS = 8;
const ORDERERS = 2;
const UNITS_MAX = 3;
const RETRY_EVERY_MS = 100;
/** Most holds are forgotten soon, some late enough to be given back or ordered first. */
const TTL_SECONDS = [1, 2, 20];
const GIVEN_BACK = 0.35;
const ORDERED = 0.3;
const CANCELLED = 0.4;
/** Between two orders of one client, so that the floor keeps up. */
const ORDER_PAUSE_MS = 150;

type Site = { readonly origin: string; readonly key: string };
type Method = 'POST' | 'DELETE';
type Answer = { readonly status: number; readonly body: string };

/** What clients were told for certain. */
export type Told = { readonly held: ReadonlySet<string> };

/**
 * Checkouts and orders that go on whatever happens: what has no certain answer is sent again with the same key
 * until it has one.
 */
export class HoldClients {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  readonly #held = new Set<string>();
  readonly #counts = { held: 0, refused: 0, givenBack: 0, ordered: 0, cancelled: 0, asked: 0 };
  readonly #running: Promise<unknown>;
  #isStopping = false;

  constructor(
    { origin, key }: Site,
    private readonly skus: number,
    private readonly random: () => number,
  ) {
    this.#pool = new Pool(origin, { connections: CLIENTS + ORDERERS, headersTimeout: 5_000 });
    this.#headers = { authorization: `Bearer ${key}` };
    const clients = Array.from({ length: CLIENTS }, () => this.#checkOut());
    const orderers = Array.from({ length: ORDERERS }, () => this.#order());
    this.#running = Promise.all([...clients, ...orderers]);
  }

  /** Ends when every question that was asked has its answer. */
  async settle(): Promise<Told> {
    this.#isStopping = true;
    await this.#running;
    await this.#pool.close();
    return { held: this.#held };
  }

  counts(): object {
    return this.#counts;
  }

  async #checkOut(): Promise<void> {
    while (!this.#isStopping) {
      const sku = this.#sku();
      const quantity = 1 + Math.floor(this.random() * UNITS_MAX);
      const ttlSeconds = TTL_SECONDS[Math.floor(this.random() * TTL_SECONDS.length)];
      const body = { lines: [{ sku, quantity }], ttlSeconds };
      const answer = await this.#certain('POST', '/v1/inventory/reservations', body, [201, 409]);
      if (answer.status === 409) {
        this.#counts.refused += 1;
        continue;
      }
      const { reservationId } = JSON.parse(answer.body) as { reservationId: string };
      this.#held.add(reservationId);
      this.#counts.held += 1;
      const fate = this.random();
      if (fate < GIVEN_BACK) await this.#giveBack(reservationId);
      else if (fate < GIVEN_BACK + ORDERED) await this.#place(sku, quantity, reservationId);
    }
  }

  async #order(): Promise<void> {
    while (!this.#isStopping) {
      const quantity = 1 + Math.floor(this.random() * UNITS_MAX);
      const orderId = await this.#place(this.#sku(), quantity, null);
      if (this.random() < CANCELLED) {
        const path = `/v1/orders/${orderId}/cancellations`;
        await this.#certain('POST', path, { reason: 'chaos' }, [200, 202, 409]);
        this.#counts.cancelled += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, ORDER_PAUSE_MS));
    }
  }

  async #giveBack(reservationId: string): Promise<void> {
    const path = `/v1/inventory/reservations/${reservationId}`;
    await this.#certain('DELETE', path, undefined, [204]);
    this.#counts.givenBack += 1;
  }

  async #place(sku: string, quantity: number, reservationId: string | null): Promise<string> {
    const line = { lineId: '1', sku, quantity, unitPrice: '1.00', reservationId };
    const amount = `${quantity}.00`;
    const order = {
      channel: 'web',
      externalId: randomUUID(),
      placedAt: new Date().toISOString(),
      currency: 'GBP',
      shipTo: {
        personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
        city: 'London',
        postalCode: 'SW1Y 4JH',
        country: 'GB',
      },
      payments: [{ method: 'card', status: 'authorized', amount, reference: 'ch_1' }],
      lines: [line],
      total: amount,
    };
    const answer = await this.#certain('POST', '/v1/orders', order, [200, 201]);
    this.#counts.ordered += 1;
    return (JSON.parse(answer.body) as { orderId: string }).orderId;
  }

  #sku(): string {
    return `KILL-${Math.floor(this.random() * this.skus)}`;
  }

  /** The answer, which must be one of these statuses; asks again with the same key as long as there is none. */
  async #certain(
    method: Method,
    path: string,
    body: object | undefined,
    expected: readonly number[],
  ): Promise<Answer> {
    const headers = {
      ...this.#headers,
      'idempotency-key': randomUUID(),
      ...(body && { 'content-type': 'application/json' }),
    };
    for (;;) {
      const answer = await this.#ask(method, path, headers, body);
      this.#counts.asked += 1;
      if (answer && expected.includes(answer.status)) return answer;
      if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS));
    }
  }

  async #ask(
    method: Method,
    path: string,
    headers: Record<string, string>,
    body: object | undefined,
  ): Promise<Answer | undefined> {
    try {
      const answer = await this.#pool.request({
        method,
        path,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch {
      return undefined;
    }
  }
}
