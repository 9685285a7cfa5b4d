import { setTimeout as delay } from 'node:timers/promises';
import type { Book } from './book.js';
import type { Answer, Client, Method } from './client.js';
import type { Dice } from './dice.js';
import {
  HANDED_OVER,
  signatureOf,
  type FulfillmentView,
  type OrderLine,
  type OrderView,
} from './views.js';
import type { World } from './world.js';

export const POSTAL = ['SW1Y 4JH', 'M1 1AE', 'CF10 1EP'] as const;
/** So long an order may stand as confirmed although a line waits without a date. */
const UNDATED_MAX_MS = 5_000;
const REPEAT_SHARE = 0.08;

export type Look = { readonly order: OrderView; readonly works: readonly FulfillmentView[] };

/** One order as its players see it: what they know, and what the system says now. */
export class Story {
  #sent = 0;
  #signature = '';
  #undatedSince: number | undefined;
  /** When the order last changed or something was done about it. */
  movedAt = performance.now();
  readonly ended = new Set<string>();

  constructor(
    readonly client: Client,
    readonly world: World,
    readonly dice: Dice,
    readonly book: Book,
    readonly run: string,
  ) {}

  post<Body>(path: string, body: unknown): Promise<Answer<Body>> {
    return this.send<Body>('POST', path, body);
  }

  /** Sends under a key of its own; now and then once more, which must change nothing. */
  async send<Body>(method: Method, path: string, body?: unknown): Promise<Answer<Body>> {
    this.#sent += 1;
    const key = `${this.run}-${this.book.index}-${this.#sent}`;
    const repeats = this.dice.is(REPEAT_SHARE);
    const answer = await this.client.send<Body>(method, path, body, key, this.book.exchanges);
    if (answer.status < 300) this.movedAt = performance.now();
    if (!repeats) return answer;
    const again = await this.client.send<Body>(method, path, body, key, this.book.exchanges);
    if (answer.status < 300 && again.status >= 300)
      this.book.found(
        'repeat',
        `${method} ${path} was answered ${answer.status}, and ${again.status} when it came again`,
      );
    return answer;
  }

  /** Reads the order and all work on it, and compares with what is known. */
  async look(): Promise<Look> {
    const lookedAt = performance.now();
    const order = await this.client.get<OrderView>(`/v1/orders/${this.book.orderId}`);
    if (!order) throw new Error(`Order ${this.book.orderId} is gone`);
    const works: FulfillmentView[] = [];
    const ids = new Set(order.fulfillments.map(({ fulfillmentId }) => fulfillmentId));
    for (const id of ids) {
      if (this.ended.has(id)) continue;
      const work = await this.client.get<FulfillmentView>(`/v1/fulfillments/${id}`);
      if (work) works.push(work);
    }
    for (const work of works) this.#noteWork(work);
    this.#noteOrder(order, lookedAt);
    return { order, works };
  }

  #noteOrder(order: OrderView, lookedAt: number): void {
    const signature = signatureOf(order);
    if (signature !== this.#signature) this.movedAt = performance.now();
    this.#signature = signature;
    if (order.lines.every(({ cancelling }) => cancelling === 0))
      for (const one of this.book.cancellations)
        if (one.startedAt < lookedAt) one.settledAt ??= lookedAt;
    for (const line of order.lines) this.#noteLine(line);
    this.#noteDates(order);
  }

  #noteLine({ lineId, quantity, quantities }: OrderLine): void {
    const told = HANDED_OVER.reduce((sum, bucket) => sum + quantities[bucket], 0);
    const known = this.book.unitsLeft(lineId);
    if (told > known)
      this.book.found(
        'never-left',
        `Line ${lineId}: ${told} units are told as handed over, ${known} were`,
      );
    const sum =
      told +
      quantities.open +
      quantities.backordered +
      quantities.sourced +
      quantities.picked +
      quantities.packed +
      quantities.cancelled;
    if (sum !== quantity)
      this.book.found('units', `Line ${lineId}: ${sum} of ${quantity} units are somewhere`);
  }

  /** An order is not confirmed before each line that waits has a date, or a person is told. */
  #noteDates({ status, lines, exceptions }: OrderView): void {
    const isUndated =
      ['confirmed', 'backordered', 'in-fulfillment'].includes(status) &&
      exceptions.length === 0 &&
      lines.some(({ promisedOn, quantities }) => quantities.backordered > 0 && promisedOn === null);
    if (!isUndated) this.#undatedSince = undefined;
    else this.#undatedSince ??= performance.now();
    if (performance.now() - (this.#undatedSince ?? Infinity) > UNDATED_MAX_MS)
      this.book.found('no-date', `It is ${status}, a line waits without a date and no exception`);
  }

  #noteWork({ fulfillmentId, status, packages }: FulfillmentView): void {
    const { book } = this;
    if (status === 'handed-over' || status === 'closed') this.ended.add(fulfillmentId);
    const shown = new Set(packages.map(({ packageId }) => packageId));
    for (const { packageId, shipmentId, handedOverAt } of packages) {
      const known = book.packages.get(packageId);
      if (!known) {
        book.found('unknown-package', `Package ${packageId} was never packed`);
        continue;
      }
      known.shipmentId = shipmentId ?? undefined;
      if (handedOverAt === null || known.leftAt !== undefined) continue;
      const askedAt = book.handOversAt.get(fulfillmentId);
      if (askedAt === undefined)
        book.found('left-by-itself', `Package ${packageId} left by itself`);
      known.leftAt = askedAt ?? 0;
    }
    for (const known of book.packages.values())
      if (known.fulfillmentId === fulfillmentId && !shown.has(known.packageId)) known.opened = true;
  }

  pause(mostMs: number): Promise<void> {
    return delay(this.dice.next() * mostMs);
  }
}
