import { contractOf, contracts, type ContractMessage } from '@throughline/contracts';
import { TransientError } from '@throughline/kernel';
import type { Logger } from 'pino';
import type { Consumer } from './message-bus.js';
import type { ParkingLot } from './parking.js';

/** A fault is tried this often before its message is parked: it will hardly go away by itself. */
const FAULT_TRIES_MAX = 5;
/** "Not now" is tried for this long, so that an outage parks nothing. */
const TRANSIENT_PATIENCE_MS = 15 * 60_000;
const PAUSE_FIRST_MS = 20;
const PAUSE_MAX_MS = 5_000;

const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Thrown when the reader stops before a message was dealt with: it will come again. */
export class StoppedError extends Error {}

/**
 * Deals with one message after the other: checks, handles, tries again, parks. Shared by every bus. The
 * caller keeps the order within a key.
 */
export class Delivery {
  #held: Set<string> | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly parking: ParkingLot,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when the message needs no further delivery: handled, skipped or parked. */
  async deliver(message: ContractMessage): Promise<void> {
    const { group, topic, handlers } = this.consumer;
    const handler = handlers.get(message.type);
    const isKnown = handler !== undefined || contracts().has(message.type);
    if (!handler && isKnown) return;
    await this.#persist(async () => {
      this.#held ??= await this.parking.heldKeys(group, topic);
    });
    if (this.#held!.has(message.key))
      return this.#park(message, 'An earlier message of this key is parked', true);
    if (!handler) return this.#park(message, `Unknown message type ${message.type}`, false);
    const errors = contractOf(handler.type).validate(message.data);
    if (errors.length > 0) {
      const [{ field, message: rule }] = errors as [(typeof errors)[0]];
      return this.#park(
        message,
        `Breaks its contract: ${field} ${rule}`,
        !this.consumer.stateTopic,
      );
    }
    return this.#handle(message, handler.handle as (message: ContractMessage) => Promise<void>);
  }

  /** Forgets which keys are held, after an operator has changed it. */
  forgetHeld(): void {
    this.#held = undefined;
  }

  async #handle(
    message: ContractMessage,
    handle: (message: ContractMessage) => Promise<void>,
  ): Promise<void> {
    const startedAt = performance.now();
    let faults = 0;
    for (let tries = 0; ; tries += 1) {
      try {
        return await handle(message);
      } catch (error) {
        if (this.signal.aborted) throw new StoppedError(textOf(error));
        const isTransient = error instanceof TransientError;
        if (!isTransient) faults += 1;
        const patient = performance.now() - startedAt < TRANSIENT_PATIENCE_MS;
        const { group } = this.consumer;
        this.logger[isTransient ? 'warn' : 'error'](
          { err: error, group, type: message.type, key: message.key, messageId: message.id, tries },
          'message not handled',
        );
        if (faults >= FAULT_TRIES_MAX || (isTransient && !patient))
          return this.#park(message, textOf(error), !this.consumer.stateTopic);
        await pause(this.#pauseMs(tries), this.signal);
        if (this.signal.aborted) throw new StoppedError(textOf(error));
      }
    }
  }

  /** Full jitter over an exponential bound (Brooker, "Exponential Backoff and Jitter"). */
  #pauseMs(tries: number): number {
    return Math.random() * Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(tries, 12));
  }

  async #park(message: ContractMessage, error: string, holdsKey: boolean): Promise<void> {
    const { group, topic } = this.consumer;
    this.logger.error({ group, topic, key: message.key, messageId: message.id, error }, 'parked');
    await this.#persist(() => this.parking.park(group, message, error, holdsKey));
    if (holdsKey) this.#held?.add(message.key);
  }

  /** Parking must not fail: it waits for the database as long as the reader runs. */
  async #persist(work: () => Promise<void>): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        if (this.signal.aborted) throw new StoppedError(textOf(error));
        await pause(this.#pauseMs(tries), this.signal);
      }
    }
  }
}
