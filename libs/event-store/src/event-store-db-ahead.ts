import { FORWARDS, START as FIRST, type AllStreamResolvedEvent } from '@eventstore/db-client';
import { gatherer, TransientError, type Settled } from '@throughline/kernel';
import { START, type Position } from './event-store.js';
import { StoreAwayError, type EventStoreConnection } from './event-store-db-connection.js';

/** Events of one page of `$all`. */
export const PAGE_EVENTS_MAX = 500;
/** gRPC's status of an exception that the server did not expect: it has no better word for a position between two records. */
const UNKNOWN = 2;

/** Of an event: undefined where only the position is told. */
export type Arrived = Pick<AllStreamResolvedEvent, 'event' | 'commitPosition'>;

export const placeOf = (position: Position) =>
  position === START ? FIRST : { commit: position, prepare: position };
export const positionOf = ({ event, commitPosition }: Arrived): Position =>
  commitPosition ?? event!.position.commit;

/** The log has no record that begins at this position. */
export class NoRecordError extends Error {
  override readonly name = 'NoRecordError';
}

/**
 * Pages of `$all`, read one after the other for all readers of a process; readers that stand close together share one. A server has
 * few threads that read: twenty readers that ask at once would keep it from everything else.
 */
export class PagesAhead {
  readonly #ask: (from: Position) => Promise<readonly Arrived[]>;

  constructor(private readonly connection: EventStoreConnection) {
    this.#ask = gatherer({ batchMax: Infinity, run: (positions) => this.#read(positions) });
  }

  /** Events from `position` on, the one that stands there included; a page at most, which may begin before it. */
  from(position: Position): Promise<readonly Arrived[]> {
    return this.#ask(position);
  }

  /** The record that stands at `position` and nothing more. Throws `NoRecordError`. */
  async recordAt(position: Position): Promise<Arrived | undefined> {
    const page = await this.#page(position, 1);
    if ('error' in page) throw page.error;
    return page.result[0];
  }

  async #read(positions: readonly Position[]): Promise<readonly Settled<readonly Arrived[]>[]> {
    const settled = new Map<Position, Settled<readonly Arrived[]>>();
    const ascending = [...new Set(positions)].sort((a, b) => (a < b ? -1 : 1));
    for (const first of ascending) {
      if (settled.has(first)) continue;
      const page = await this.#page(first);
      settled.set(first, page);
      if ('error' in page) continue;
      const { result } = page;
      const isLast = result.length < PAGE_EVENTS_MAX;
      const end = isLast ? undefined : positionOf(result.at(-1)!);
      for (const other of ascending)
        if (other > first && (end === undefined || other < end)) settled.set(other, page);
    }
    return positions.map((position) => settled.get(position)!);
  }

  async #page(from: Position, maxCount = PAGE_EVENTS_MAX): Promise<Settled<readonly Arrived[]>> {
    try {
      const result = await this.connection.collect<Arrived>('look ahead', (client) =>
        client.readAll({
          direction: FORWARDS,
          fromPosition: placeOf(from),
          maxCount,
        }),
      );
      return { result };
    } catch (error) {
      if (error instanceof StoreAwayError && !error.isLate) throw error;
      if (!isUnknown(error)) return { error };
      return { error: new NoRecordError(`There is no record at ${from}`, { cause: error }) };
    }
  }
}

const isUnknown = (error: unknown): boolean =>
  error instanceof TransientError &&
  error.cause instanceof Error &&
  Reflect.get(error.cause, 'code') === UNKNOWN;
