import { FaultNews } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Logger } from 'pino';
import type { DeadLetters } from './dead-letters.js';
import { Lookout } from './lookout.js';
import { measureParked } from './parked-gauges.js';

const REQUESTS_EVERY_MS = 1_000;
const MEASURE_EVERY_MS = 5_000;

/**
 * What every bus does again and again: carry out requests that any process has written down (at once when this
 * one did), and measure how far its readers are and what is parked.
 */
export class Rounds {
  readonly #requests: Lookout;
  readonly #measure: Lookout;
  readonly #unlisten: () => void;
  readonly #news = new FaultNews();

  constructor(options: {
    readonly service: string;
    readonly database: Database;
    readonly deadLetters: DeadLetters;
    readonly logger: Logger;
    readonly carryOut: () => Promise<void>;
    readonly measureLag: () => Promise<void>;
  }) {
    const { service, database, deadLetters, logger, carryOut, measureLag } = options;
    this.#requests = new Lookout({
      everyMs: REQUESTS_EVERY_MS,
      look: carryOut,
      onError: (error) => {
        const level = this.#news.isNews(error) ? 'warn' : 'debug';
        logger[level]({ err: error }, 'requests not carried out');
      },
    });
    const measureLot = measureParked(service, database);
    this.#measure = new Lookout({
      everyMs: MEASURE_EVERY_MS,
      look: async () => {
        await measureLot();
        await measureLag();
      },
      onError: (error) => logger.debug({ err: error }, 'readers not measured'),
    });
    this.#unlisten = deadLetters.onRequest(() => this.carryOut());
  }

  start(): void {
    this.#requests.start();
    this.#measure.start();
  }

  /** Looks for requests now. */
  carryOut(): void {
    this.#requests.call();
  }

  async stop(): Promise<void> {
    this.#unlisten();
    await Promise.all([this.#requests.stop(), this.#measure.stop()]);
  }
}
