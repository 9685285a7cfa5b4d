import { contractOf, contracts, type ContractMessage } from '@throughline/contracts';
import { FaultNews, TransientError } from '@throughline/kernel';
import type { Logger } from 'pino';
import { backoffMs, pause, StoppedError, textOf } from './backoff.js';
import { consumerHandleSeconds, consumerMessages } from './bus-metrics.js';
import { readRaw } from './kafka-messages.js';
import { KeyParking, parkableOf } from './key-parking.js';
import type { Consumer, MessageHandler } from './message-bus.js';
import { inContextOf } from './message-context.js';
import type { Parkable, ParkedMessage, ParkingLot } from './parking.js';

/** A fault is tried this often before its message is parked: it will hardly go away by itself. */
const FAULT_TRIES_MAX = 5;
/** "Not now" is tried for this long, so that an outage parks nothing. */
const TRANSIENT_PATIENCE_MS = 15 * 60_000;

/** What is wrong with a message's data; undefined when nothing is. What speaks of an order has its id as key. */
const breachOf = ({ data, key }: ContractMessage, { type }: MessageHandler): string | undefined => {
  const [error] = contractOf(type).validate(data);
  if (error) return `Breaks its contract: ${error.field} ${error.message}`;
  const { orderId = key } = data as { readonly orderId?: string };
  return orderId === key ? undefined : 'Breaks its contract: orderId is not the key';
};

type HandleAny = (message: ContractMessage) => Promise<void>;

/**
 * Deals with one message after the other: checks, handles, tries again, parks. Shared by every bus. The
 * caller keeps the order within a key.
 */
export class Delivery {
  readonly #parking: KeyParking;
  readonly #news = new FaultNews();
  readonly #labels: { readonly group: string; readonly topic: string };

  constructor(
    private readonly consumer: Consumer,
    lot: ParkingLot,
    private readonly logger: Logger,
  ) {
    this.#labels = { group: consumer.group, topic: consumer.topic };
    const onParked = (): void => consumerMessages.inc({ ...this.#labels, outcome: 'parked' });
    this.#parking = new KeyParking({ lot, ...this.#labels, logger, onParked });
  }

  /**
   * Resolves when the message needs no further delivery: handled, skipped or parked. Throws `StoppedError` when `signal`
   * aborts first. `partition` is where it came from, on Kafka.
   */
  async deliver(
    message: ContractMessage,
    signal: AbortSignal,
    partition: number | null = null,
  ): Promise<void> {
    const handler = this.consumer.handlers.get(message.type);
    if (!handler && contracts().has(message.type)) return;
    const parkable = parkableOf(message, partition);
    if (await this.#parking.parkBehind(parkable, signal)) return;
    if (!handler)
      return this.#parking.park(parkable, `Unknown message type ${message.type}`, false, signal);
    const breach = breachOf(message, handler);
    if (breach !== undefined) return this.#park(parkable, breach, signal);
    return this.#handle(parkable, message, handler.handle as HandleAny, signal);
  }

  /** Parks what could not be read, with its bytes; the later messages of its key, if it has one, wait. */
  async deliverUnreadable(parkable: Parkable, reason: string, signal: AbortSignal): Promise<void> {
    if (await this.#parking.parkBehind(parkable, signal)) return;
    const holdsKey = parkable.key !== '' && !this.consumer.stateTopic;
    return this.#parking.park(parkable, reason, holdsKey, signal);
  }

  /** Handles a parked message again, once. Throws what is still wrong with it. */
  async deliverAgain({ message, raw }: ParkedMessage): Promise<void> {
    const readable = message ?? (raw && readRaw(this.consumer.topic, raw));
    if (!readable) throw new Error('Nothing of it was kept');
    const handler = this.consumer.handlers.get(readable.type);
    if (!handler && contracts().has(readable.type)) return;
    if (!handler) throw new Error(`Unknown message type ${readable.type}`);
    const breach = breachOf(readable, handler);
    if (breach !== undefined) throw new Error(breach);
    await inContextOf(readable, this.#labels, () => (handler.handle as HandleAny)(readable));
    consumerMessages.inc({ ...this.#labels, outcome: 'handled' });
  }

  /** Forgets which keys are held, after others may have parked something. */
  forgetHeld(): void {
    this.#parking.forget();
  }

  async #handle(
    parkable: Parkable,
    message: ContractMessage,
    handle: HandleAny,
    signal: AbortSignal,
  ): Promise<void> {
    const startedAt = performance.now();
    let faults = 0;
    for (let tries = 0; ; tries += 1) {
      try {
        await inContextOf(message, this.#labels, () => this.#try(message, handle, tries, signal));
        consumerMessages.inc({ ...this.#labels, outcome: 'handled' });
        consumerHandleSeconds.observe(this.#labels, (performance.now() - startedAt) / 1_000);
        return;
      } catch (error) {
        if (signal.aborted) throw new StoppedError(textOf(error));
        const isTransient = error instanceof TransientError;
        if (!isTransient) faults += 1;
        const patient = performance.now() - startedAt < TRANSIENT_PATIENCE_MS;
        if (faults >= FAULT_TRIES_MAX || (isTransient && !patient))
          return this.#park(parkable, textOf(error), signal);
        await pause(backoffMs(tries), signal);
        if (signal.aborted) throw new StoppedError(textOf(error));
      }
    }
  }

  async #try(
    message: ContractMessage,
    handle: HandleAny,
    tries: number,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await handle(message);
    } catch (error) {
      // Said here, so that the line carries the message's trace.
      if (!signal.aborted) this.#noteFailure(message, error, tries);
      throw error;
    }
  }

  #noteFailure({ type, key, id: messageId }: ContractMessage, err: unknown, tries: number): void {
    consumerMessages.inc({ ...this.#labels, outcome: 'retried' });
    // What is away is away for all messages: said once. What is wrong with this message is said of each.
    const isTransient = err instanceof TransientError;
    const level = isTransient && this.#news.isNews(err) ? 'warn' : 'debug';
    this.logger[isTransient ? level : 'error'](
      { err, group: this.consumer.group, type, key, messageId, tries },
      'message not handled',
    );
  }

  #park(parkable: Parkable, reason: string, signal: AbortSignal): Promise<void> {
    return this.#parking.park(parkable, reason, !this.consumer.stateTopic, signal);
  }
}
