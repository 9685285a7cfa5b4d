import { gatherer, TransientError, type Settled } from '@throughline/kernel';
import type { Database, MigrationSet } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import {
  ConflictError,
  type Appended,
  type EventMetadata,
  type EventPage,
  type EventStore,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from './event-store.js';
import { LogTail } from './log-tail.js';
import { measuredAppend, measuredRead } from './measure.js';

export const LOG_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'log_migrations',
};

/** Events that go into one transaction, and rows that come with one read. */
const BATCH_EVENTS_MAX = 200;
const PAGE_EVENTS_MAX = 500;
const READ_STREAMS_MAX = 200;

type Append = {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  /** null: wherever the stream ends. */
  readonly expected: number | null;
};
type AppendRow = { last_revision: number | null; last_position: number | null };
type EventRow = {
  position: number;
  stream: string;
  revision: number;
  event_id: string;
  type: string;
  version: number;
  data: unknown;
  metadata: EventMetadata;
};

const APPEND = `select last_revision, last_position from log_append($1, $2, $3, $4, $5, $6, $7, $8)`;
const COLUMNS = 'position, stream, revision, event_id, type, version, data, metadata';
const PAGE = `select ${COLUMNS} from log_events where position > $1 order by position limit ${PAGE_EVENTS_MAX}`;
const STREAMS = `select ${COLUMNS} from log_events where stream = any($1) order by stream, revision`;

const appendValues = (appends: readonly Append[]): unknown[] => {
  const events = appends.flatMap((append) => append.events);
  // Events of one append mostly share their metadata object; it is written out once.
  const texts = new Map<EventMetadata, string>();
  const metadataOf = ({ metadata }: NewEvent): string => {
    const text = texts.get(metadata) ?? JSON.stringify(metadata);
    texts.set(metadata, text);
    return text;
  };
  return [
    appends.map(({ stream }) => stream),
    appends.map(({ expected }) => expected),
    appends.map((append) => append.events.length),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ version }) => version),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(metadataOf),
  ];
};

const recordedOf = (row: EventRow): RecordedEvent => ({
  id: row.event_id,
  type: row.type,
  version: row.version,
  data: row.data,
  metadata: row.metadata,
  stream: row.stream,
  revision: row.revision,
  position: BigInt(row.position),
});

/**
 * Appends events at the current end of their streams as part of a ledger transaction. Takes the log's head
 * lock until the transaction ends, so call it last. Answers the position of the last event.
 */
export const appendInTransaction = async (
  tx: PoolClient,
  appends: readonly { readonly stream: string; readonly events: readonly NewEvent[] }[],
): Promise<Position> => {
  const byStream = new Map<string, NewEvent[]>();
  for (const { stream, events } of appends)
    byStream.set(stream, [...(byStream.get(stream) ?? []), ...events]);
  const merged = [...byStream].map(([stream, events]) => ({ stream, events, expected: null }));
  const { rows } = await tx.query<AppendRow>({
    name: 'log-append',
    text: APPEND,
    values: appendValues(merged),
  });
  return BigInt(rows.at(-1)?.last_position ?? 0);
};

/**
 * Event store on an append-only log in Postgres. Concurrent appends of this process are written in one
 * transaction; each is judged by itself. Positions come from the log's head row, in commit order.
 */
export class PostgresLog implements EventStore {
  readonly #database: Database;
  readonly #tail: LogTail;
  readonly #append: (append: Append) => Promise<Appended>;
  readonly #read: (stream: string) => Promise<readonly RecordedEvent[]>;

  constructor(database: Database, onError: (error: unknown) => void = () => undefined) {
    this.#database = database;
    this.#tail = new LogTail(
      (after) => this.#page(after),
      () => this.#head(),
      onError,
    );
    this.#append = gatherer({
      run: (appends) => this.#write(appends),
      batchMax: BATCH_EVENTS_MAX,
      weightOf: ({ events }) => events.length,
      keyOf: ({ stream }) => stream,
    });
    this.#read = gatherer({
      run: (streams) => this.#readStreams(streams),
      batchMax: READ_STREAMS_MAX,
      concurrentMax: 2,
    });
  }

  async append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended> {
    if (events.length === 0) throw new Error(`Nothing to append to ${stream}`);
    return measuredAppend('postgres', stream, () => this.#append({ stream, events, expected }));
  }

  async read(stream: string, from = 0): Promise<readonly RecordedEvent[]> {
    const events = await measuredRead(stream, () => this.#read(stream));
    return from === 0 ? events : events.slice(from);
  }

  subscribe(
    categories: readonly string[],
    from: Position,
    signal: AbortSignal,
  ): AsyncIterable<EventPage> {
    return this.#tail.subscribe(new Set(categories), from, signal);
  }

  async head(): Promise<Position> {
    return (await this.#head()).position;
  }

  async epoch(): Promise<string> {
    return (await this.#head()).epoch;
  }

  /**
   * To be called after a restore: every reader of the log before stops. Answers the id of the epoch that begins. With the id
   * of a former one, its readers go on.
   */
  async beginEpoch(former?: string): Promise<string> {
    const [row] = await this.#database.query<{ epoch: string }>(
      'update log_head set epoch = coalesce($1, gen_random_uuid()) returning epoch',
      [former ?? null],
    );
    return row!.epoch;
  }

  /** Says that a ledger transaction of this process has written to the log. */
  signal(): void {
    this.#tail.signal();
  }

  async #head(): Promise<{ readonly position: Position; readonly epoch: string }> {
    const [row] = await this.#database.query<{ position: number; epoch: string }>(
      'select position, epoch from log_head',
      [],
      'log-head',
    );
    return { position: BigInt(row!.position), epoch: row!.epoch };
  }

  async #write(appends: readonly Append[]): Promise<readonly Settled<Appended>[]> {
    let rows: AppendRow[];
    try {
      rows = await this.#database.query<AppendRow>(APPEND, appendValues(appends), 'log-append');
    } catch (error) {
      if (appends.length === 1 || error instanceof TransientError) throw error;
      return this.#writeOneByOne(appends);
    }
    const settled = await Promise.all(
      appends.map((append, index) => this.#settle(append, rows[index]!)),
    );
    this.#tail.offer(appends.flatMap((append, index) => recordedBy(append, rows[index]!)));
    return settled;
  }

  /** Nobody shares another's fate: one bad value must not fail the whole batch. */
  async #writeOneByOne(appends: readonly Append[]): Promise<readonly Settled<Appended>[]> {
    const settled: Settled<Appended>[] = [];
    let away: TransientError | undefined;
    for (const append of appends) {
      try {
        // Once the database is away, the others need not find that out one deadline after the other.
        if (away) throw away;
        settled.push(...(await this.#write([append])));
      } catch (error) {
        if (error instanceof TransientError) away = error;
        settled.push({ error });
      }
    }
    return settled;
  }

  async #settle(append: Append, row: AppendRow): Promise<Settled<Appended>> {
    if (row.last_position !== null && row.last_revision !== null)
      return {
        result: {
          revision: row.last_revision,
          position: BigInt(row.last_position),
          repeated: false,
        },
      };
    try {
      return { result: await this.#alreadyThere(append) };
    } catch (error) {
      return { error };
    }
  }

  /** The append did not fit; success all the same when its very events stand at that place. */
  async #alreadyThere({ stream, events, expected }: Append): Promise<Appended> {
    const place = (await this.#read(stream)).slice((expected ?? -1) + 1).slice(0, events.length);
    const last = place.at(-1);
    const same =
      place.length === events.length && place.every(({ id }, index) => id === events[index]!.id);
    if (!same || last === undefined) throw new ConflictError(stream, expected ?? -1);
    return { revision: last.revision, position: last.position, repeated: true };
  }

  async #page(after: Position): Promise<readonly RecordedEvent[]> {
    const rows = await this.#database.query<EventRow>(PAGE, [after.toString()], 'log-page');
    return rows.map(recordedOf);
  }

  async #readStreams(
    streams: readonly string[],
  ): Promise<readonly Settled<readonly RecordedEvent[]>[]> {
    const rows = await this.#database.query<EventRow>(
      STREAMS,
      [[...new Set(streams)]],
      'log-streams',
    );
    const byStream = Map.groupBy(rows.map(recordedOf), ({ stream }) => stream);
    return streams.map((stream) => ({ result: byStream.get(stream) ?? [] }));
  }
}

const recordedBy = (
  { stream, events }: Append,
  { last_position: position, last_revision: revision }: AppendRow,
): RecordedEvent[] => {
  if (position === null || revision === null) return [];
  const before = events.length - 1;
  return events.map((event, index) => ({
    ...event,
    stream,
    revision: revision - before + index,
    position: BigInt(position - before + index),
  }));
};
