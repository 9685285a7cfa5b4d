import type { Database } from '@throughline/postgres';
import { ParkingLot, type ParkedMessage } from './parking.js';

const OUTCOME_WAIT_MS = 4_000;
const LOOK_EVERY_MS = 50;

export type ParkedFilter = {
  readonly group?: string;
  readonly key?: string;
  readonly type?: string;
};

/**
 * What became of a replay: all went through; one failed again, which it says, and stays with those behind it; or
 * nobody has taken it up yet, because no process that reads that key runs: the request stands.
 */
export type ReplayOutcome =
  | { readonly outcome: 'replayed'; readonly replayed: number }
  | { readonly outcome: 'failed'; readonly replayed: number; readonly error: string }
  | { readonly outcome: 'pending'; readonly replayed: number; readonly waiting: number };

type RequestedRow = { parked_id: number; requested: boolean; failed: boolean; error: string };

/**
 * What an operator does with the messages that a service could not handle. It writes to the service's tables and works
 * in any process; whoever reads the key carries it out.
 */
export class DeadLetters {
  readonly #lot: ParkingLot;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly database: Database) {
    this.#lot = new ParkingLot(database);
  }

  /** Parked messages, oldest first, up to `limit` after `afterId`. The bytes of unreadable ones are left out. */
  list(limit: number, afterId = 0, filter: ParkedFilter = {}): Promise<ParkedMessage[]> {
    return this.#lot.list(limit, afterId, filter);
  }

  /** One of them, whole. */
  get(parkedId: number): Promise<ParkedMessage | undefined> {
    return this.#lot.get(parkedId);
  }

  /**
   * Has a message handled again and, where it holds its key, all that are parked of that key, in order; those of the key
   * that come meanwhile wait. Waits up to `waitMs` for the outcome.
   */
  async requestReplay(parkedId: number, waitMs = OUTCOME_WAIT_MS): Promise<ReplayOutcome> {
    const requested = await this.database.query<{ parked_id: number }>(
      `update bus_parked as parked set replay_requested_at = now(), replay_failed_at = null
       from bus_parked as named
       where named.parked_id = $1 and (parked.parked_id = $1 or (named.holds_key and parked.holds_key
         and (parked.group_name, parked.topic, parked.message_key) = (named.group_name, named.topic, named.message_key)))
       returning parked.parked_id`,
      [parkedId],
    );
    for (const listener of this.#listeners) listener();
    const ids = requested.map(({ parked_id: id }) => id);
    const deadline = performance.now() + waitMs;
    for (;;) {
      const outcome = await this.#outcomeOf(ids);
      if (outcome.outcome !== 'pending' || performance.now() > deadline) return outcome;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Gives a parked message up; when it was the last that held its key, the key flows again. */
  discard(parkedId: number): Promise<void> {
    return this.#lot.discard(parkedId);
  }

  /** Parks a discarded message again; false when there is none. */
  restore(parkedId: number): Promise<boolean> {
    return this.#lot.restore(parkedId);
  }

  /** Tells `listener` of each request made here, until the answer is called: readers of this process need not look. */
  onRequest(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #outcomeOf(ids: readonly number[]): Promise<ReplayOutcome> {
    const rows = await this.database.query<RequestedRow>(
      `select parked_id, replay_requested_at is not null as requested, replay_failed_at is not null as failed, error
       from bus_parked where parked_id = any($1) order by parked_id`,
      [ids],
    );
    const replayed = ids.length - rows.length;
    const failed = rows.find((row) => row.failed);
    if (failed) return { outcome: 'failed', replayed, error: failed.error };
    const waiting = rows.filter((row) => row.requested).length;
    if (waiting > 0) return { outcome: 'pending', replayed, waiting };
    return { outcome: 'replayed', replayed };
  }
}
