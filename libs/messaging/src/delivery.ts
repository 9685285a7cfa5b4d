import { contractOf, contracts, type ContractMessage } from '@throughline/contracts';
import { TransientError } from '@throughline/kernel';
import type { Logger } from 'pino';
import type { Consumer, MessageHandler } from './message-bus.js';
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

const ERROR_TEXT_MAX = 2_000;

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** What is wrong with a message's data; undefined when nothing is. */
const breachOf = ({ data }: ContractMessage, { type }: MessageHandler): string | undefined => {
  const [error] = contractOf(type).validate(data);
  return error && `Breaks its contract: ${error.field} ${error.message}`;
};

type HandleAny = (message: ContractMessage) => Promise<void>;

/** Thrown when the reader stops before a message was dealt with: it will come again. */
export class StoppedError extends Error {}

/**
 * Deals with one message after the other: checks, handles, tries again, parks. Shared by every bus. The
 * caller keeps the order within a key.
 */
export class Delivery {
  #held: Promise<Set<string>> | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly parking: ParkingLot,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when the message needs no further delivery: handled, skipped or parked. */
  async deliver(message: ContractMessage): Promise<void> {
    const handler = this.consumer.handlers.get(message.type);
    if (!handler && contracts().has(message.type)) return;
    const held = await this.#heldKeys();
    if (held.has(message.key))
      return this.#park(message, 'An earlier message of this key is parked', true);
    if (!handler) return this.#park(message, `Unknown message type ${message.type}`, false);
    const breach = breachOf(message, handler);
    if (breach !== undefined) return this.#park(message, breach, !this.consumer.stateTopic);
    return this.#handle(message, handler.handle as HandleAny);
  }

  /**
   * Handles a parked message again, once. False when its type is still unknown, so that it must stay parked.
   * Throws what the handler throws.
   */
  async deliverAgain(message: ContractMessage): Promise<boolean> {
    const handler = this.consumer.handlers.get(message.type);
    if (!handler) return contracts().has(message.type);
    const breach = breachOf(message, handler);
    if (breach !== undefined) throw new Error(breach);
    await (handler.handle as HandleAny)(message);
    return true;
  }

  /** Forgets which keys are held, after an operator has changed it. */
  forgetHeld(): void {
    this.#held = undefined;
  }

  /** Read once and then kept: all deliveries share one set, so that a key parked meanwhile is in it. */
  #heldKeys(): Promise<Set<string>> {
    const { group, topic } = this.consumer;
    this.#held ??= this.#persist(() => this.parking.heldKeys(group, topic));
    return this.#held;
  }

  async #handle(message: ContractMessage, handle: HandleAny): Promise<void> {
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

  async #park(message: ContractMessage, reason: string, holdsKey: boolean): Promise<void> {
    const { group, topic } = this.consumer;
    // Postgres takes no NUL in a text, and an error may quote one.
    const error = reason.replaceAll('\0', '').slice(0, ERROR_TEXT_MAX);
    this.logger.error({ group, topic, key: message.key, messageId: message.id, error }, 'parked');
    await this.#persist(() => this.parking.park(group, message, error, holdsKey));
    if (holdsKey) (await this.#heldKeys()).add(message.key);
  }

  /** Parking must not fail, or its message would be lost: it is tried as long as the reader runs. */
  async #persist<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (this.signal.aborted) throw new StoppedError(textOf(error));
        const { group } = this.consumer;
        this.logger[error instanceof TransientError ? 'warn' : 'error'](
          { err: error, group, tries },
          'parking not reached',
        );
        await pause(this.#pauseMs(tries), this.signal);
      }
    }
  }
}
