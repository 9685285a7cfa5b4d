import type { ContractMessage } from '@throughline/contracts';
import { FaultNews } from '@throughline/kernel';
import type { Logger } from 'pino';
import { insist, textOf } from './backoff.js';
import type { Parkable, ParkedMessage, ParkingLot, ReaderKey } from './parking.js';

const ERROR_TEXT_MAX = 2_000;
const BEHIND = 'An earlier message of this key is parked';

/** What is parked of a message that could be read. */
export const parkableOf = (message: ContractMessage, partition: number | null): Parkable => ({
  id: message.id,
  key: message.key,
  message,
  raw: null,
  partition,
});

/**
 * Parks what one reader of one topic could not handle, and knows which keys must wait. It remembers every held key,
 * and may remember one that no longer is; the table decides.
 */
export class KeyParking {
  #held: Promise<Set<string>> | undefined;
  /** The same, once it was read. */
  #known: ReadonlySet<string> | undefined;
  readonly #news = new FaultNews();

  constructor(
    private readonly options: {
      readonly lot: ParkingLot;
      readonly group: string;
      readonly topic: string;
      readonly logger: Logger;
      readonly onParked?: () => void;
    },
  ) {}

  /** Whether messages of the key of this prefix and name may have to wait; `parkBehind` knows. */
  mayHold(prefix: string, name: string): boolean {
    if (!this.#known) return true;
    return this.#known.size > 0 && this.#known.has(prefix + name);
  }

  /** Parks a message if an earlier one of its key is parked; answers whether it did. Waits for the database. */
  async parkBehind(parkable: Parkable, signal: AbortSignal): Promise<boolean> {
    const { lot, group, topic } = this.options;
    const held = await this.#heldKeys(signal);
    if (!held.has(parkable.key)) return false;
    const isHeld = await this.#insist(() => lot.parkBehind(group, topic, parkable, BEHIND), signal);
    if (isHeld) this.#note(parkable, BEHIND);
    else held.delete(parkable.key);
    return isHeld;
  }

  /** Parks a message, however long the database is away. Throws `StoppedError` when `signal` aborts first. */
  async park(
    parkable: Parkable,
    reason: string,
    holdsKey: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { lot, group, topic } = this.options;
    const error = writable(reason);
    await this.#insist(() => lot.park(group, topic, parkable, error, holdsKey), signal);
    this.#note(parkable, error);
    if (holdsKey) (await this.#heldKeys(signal)).add(parkable.key);
  }

  /** Forgets which keys are held: another process may have parked something meanwhile. */
  forget(): void {
    this.#held = undefined;
    this.#known = undefined;
  }

  #note({ key, id }: Parkable, error: string): void {
    const { group, topic, logger, onParked } = this.options;
    logger.error({ group, topic, key, messageId: id, error }, 'parked');
    onParked?.();
  }

  /** Read once and then kept: all share one set, so that a key parked meanwhile is in it. */
  async #heldKeys(signal: AbortSignal): Promise<Set<string>> {
    for (;;) {
      try {
        return await (this.#held ??= this.#load(signal));
      } catch (error) {
        // Whoever began to read it has stopped; somebody else may go on.
        if (signal.aborted) throw error;
      }
    }
  }

  #load(signal: AbortSignal): Promise<Set<string>> {
    const { lot, group, topic } = this.options;
    const held = this.#insist(() => lot.heldKeys(group, topic), signal);
    held.then(
      (keys) => {
        if (this.#held === held) this.#known = keys;
      },
      () => {
        if (this.#held === held) this.#held = undefined;
      },
    );
    return held;
  }

  #insist<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { group, logger } = this.options;
    return insist(work, signal, (error, tries) =>
      logger[this.#news.isNews(error) ? 'warn' : 'debug'](
        { err: error, group, tries },
        'parking not reached',
      ),
    );
  }
}

/** Postgres takes no NUL in a text, and an error may quote one. */
const writable = (reason: string): string => reason.replaceAll('\0', '').slice(0, ERROR_TEXT_MAX);

/**
 * Carries out a request to handle what is parked of a key again, in order; `again` throws where it fails, which ends it
 * and is kept with the message. To be run in turn with the key's messages.
 */
export const replayKey = async (
  lot: ParkingLot,
  key: ReaderKey,
  again: (parked: ParkedMessage) => Promise<void>,
): Promise<void> => {
  if (!(await lot.isRequested(key))) return;
  for (;;) {
    const parked = await lot.nextRequested(key);
    if (!parked) return;
    try {
      await again(parked);
    } catch (error) {
      return lot.failAgain(parked, writable(textOf(error)));
    }
    await lot.remove(parked.parkedId);
  }
};
