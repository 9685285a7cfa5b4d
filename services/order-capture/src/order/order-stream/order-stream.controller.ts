import { once } from 'node:events';
import { Controller, Get, Headers, Inject, Res, type OnModuleDestroy } from '@nestjs/common';
import {
  invalidRequest,
  KeyStillValid,
  LiveStream,
  Needs,
  ProblemException,
  watchKey,
  type StillValid,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import type { OrderStream } from './order-stream.js';

export const ORDER_STREAM = Symbol('order stream');

/** Readers at a time; each keeps a connection. */
const READERS_MAX = 100;
/** A word in between, so that nobody on the way takes the connection for dead. */
const BEAT_MS = 15_000;
/** How long an answer that has ended waits for a reader that is slow to take the end. */
const FAREWELL_MS = 500;
/** The connection ends with the answer: kept alive, it would keep a host from stopping. */
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'close',
};
const POSITION = /^\d{1,18}$/;

@Controller('v1/orders/stream')
export class OrderStreamController implements OnModuleDestroy {
  /** Each with its answer, which is settled when that has ended. */
  readonly #readers = new Map<AbortController, Promise<void>>();

  constructor(@Inject(ORDER_STREAM) private readonly stream: OrderStream) {}

  /** Server-sent events of all orders, from now on or from `Last-Event-ID`, until the caller's key ends. */
  @Get()
  @Needs('orders:read')
  @LiveStream()
  async read(
    @Headers('last-event-id') last: string | undefined,
    @KeyStillValid() stillValid: StillValid,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (last !== undefined && !POSITION.test(last))
      throw invalidRequest([
        { field: 'Last-Event-ID', code: 'position', message: 'must be the id of an event' },
      ]);
    // There is no end of a body to wait for.
    if (reply.request.method === 'HEAD') return void reply.headers(HEADERS).send();
    if (this.#readers.size >= READERS_MAX)
      throw new ProblemException({
        code: 'too-many-readers',
        title: `There are ${READERS_MAX} readers already`,
        status: 503,
      });
    reply.hijack();
    // The answer is under way from here on; what ends it is the connection, not this request's
    // handler.
    const reader = new AbortController();
    const key = watchKey(stillValid);
    key.signal.addEventListener('abort', () => reader.abort());
    reader.signal.addEventListener('abort', key.stop);
    this.#readers.set(
      reader,
      this.#send(last === undefined ? undefined : BigInt(last), reply, reader),
    );
  }

  /** Lets go of the readers, who come back to whoever serves then. */
  async onModuleDestroy(): Promise<void> {
    const answers = [...this.#readers.values()];
    for (const reader of this.#readers.keys()) reader.abort();
    // The host cuts the connections next: answers that end before are told from lost ones.
    const patience = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref());
    await Promise.race([Promise.all(answers), patience]);
  }

  async #send(
    after: bigint | undefined,
    { raw }: FastifyReply,
    reader: AbortController,
  ): Promise<void> {
    const closed = new Promise<void>((resolve) => raw.once('close', resolve));
    void closed.then(() => reader.abort());
    raw.writeHead(200, HEADERS);
    const beat = setInterval(() => raw.write(': beat\n\n'), BEAT_MS);
    try {
      for await (const text of this.stream(after, reader.signal)) {
        const { signal } = reader;
        if (!raw.write(text) && !signal.aborted) await once(raw, 'drain', { signal });
      }
    } catch {
      // The reader went away, or the log did: it comes back with the id of what it saw last.
    } finally {
      clearInterval(beat);
      raw.end();
      // A reader that takes nothing more must not keep its connection, and its place among the readers.
      const farewell = setTimeout(() => raw.destroy(), FAREWELL_MS);
      await closed;
      clearTimeout(farewell);
      this.#readers.delete(reader);
    }
  }
}
