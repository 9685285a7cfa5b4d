import {
  categoryOf,
  errorText,
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { compareRows, readFor, type Finding } from './comparison.js';
import { quoted, type Projection } from './projection.js';

/** Streams looked at for one page: few enough for a request's time and a process' memory. */
const STREAMS_MAX = 50;
const IDS_MAX = 100;
/** A page ends after this time even when it has met few streams. */
const READING_MS = 1_500;

/** A rule that each stream of a category must keep by itself. Pure. */
export type StreamCheck = {
  /** The invariant's number, for example `I1`. */
  readonly name: string;
  readonly category: string;
  /** What breaks the rule, one text each; none when all is well. */
  check(events: readonly RecordedEvent[]): readonly string[];
};

/** Where the next page begins: among the streams of the log, or among the rows of a table. */
export type Place =
  | { readonly at: 'streams'; readonly after: string }
  | { readonly at: 'rows'; readonly table: number; readonly after: string };

/** No page of this store begins there: no such table, or no id of it. */
export class UnknownPlaceError extends Error {}

export type CheckedPage = {
  readonly findings: readonly Finding[];
  /** Streams and rows that were looked at. */
  readonly checked: number;
  /** Null at the end. */
  readonly next: Place | null;
};

export const FIRST_PLACE: Place = { at: 'streams', after: '0' };

export type ConsistencyOptions = {
  readonly database: Database;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly checks: readonly StreamCheck[];
  /** Streams or rows of one page, where that is to be fewer than usual. */
  readonly itemsMax?: number;
};

/** What is wrong with a stream; one that cannot even be read is named, and the check goes on. */
const brokenRules = (
  { name, check }: StreamCheck,
  stream: string,
  events: readonly RecordedEvent[],
): readonly Finding[] => {
  try {
    return check(events).map((detail) => ({ check: name, subject: stream, detail }));
  } catch (error) {
    const detail = `${name} cannot be checked: ${errorText(error)}`;
    return [{ check: 'unreadable', subject: stream, detail }];
  }
};

type Table = readonly [name: string, column: string, projection: Projection];

/**
 * Checks a service's invariants over its whole store, page by page: every stream by its rules (I1, I4), every row of a
 * read model by the fold of its events (I5), and that no row is of a stream that there is not. It only reads, so it may
 * run beside anything.
 */
export class Consistency {
  readonly #categories: readonly string[];
  readonly #tables: readonly Table[];

  constructor(private readonly options: ConsistencyOptions) {
    const { projections, checks } = options;
    const named = [
      ...projections.flatMap(({ categories }) => categories),
      ...checks.map(({ category }) => category),
    ];
    this.#categories = [...new Set(named)];
    this.#tables = projections.flatMap((projection) =>
      Object.entries(projection.tables).map(
        ([table, column]) => [table, column, projection] as const,
      ),
    );
  }

  /** The page that begins at a place. Throws `UnknownPlaceError` for one that this store does not have. */
  async page(place: Place): Promise<CheckedPage> {
    return place.at === 'streams' ? this.#streams(place.after) : this.#rows(place);
  }

  async #streams(after: string): Promise<CheckedPage> {
    const { projections } = this.options;
    const { streams, position } = await this.#begunAfter(BigInt(after));
    const findings = await this.#broken(streams);
    for (const projection of projections) {
      const own = streams.filter((stream) => projection.categories.includes(categoryOf(stream)));
      if (own.length > 0) findings.push(...(await compareRows(this.options, projection, own)));
    }
    const next: Place =
      position === undefined
        ? { at: 'rows', table: 0, after: '' }
        : { at: 'streams', after: position.toString() };
    return { findings, checked: streams.length, next: this.#existing(next) };
  }

  /** Streams that break a rule of their own. */
  async #broken(streams: readonly string[]): Promise<Finding[]> {
    const { store, checks } = this.options;
    const ruled = streams.flatMap((stream) => {
      const own = checks.filter(({ category }) => category === categoryOf(stream));
      return own.length > 0 ? [{ stream, own }] : [];
    });
    const found = await Promise.all(
      ruled.map(async ({ stream, own }) => {
        const { events, findings } = await readFor(store, stream);
        if (findings.length > 0) return findings;
        return own.flatMap((check) => brokenRules(check, stream, events));
      }),
    );
    return found.flat();
  }

  /** Streams whose first event comes after a position; without a position when there are no more. */
  async #begunAfter(
    from: Position,
  ): Promise<{ readonly streams: readonly string[]; readonly position: Position | undefined }> {
    const { store } = this.options;
    const streams: string[] = [];
    const head = this.#categories.length > 0 ? await store.head() : START;
    if (from >= head) return { streams, position: undefined };
    const reading = new AbortController();
    const timer = setTimeout(() => reading.abort(), READING_MS);
    let position = from;
    try {
      for await (const page of store.subscribe(this.#categories, from, reading.signal)) {
        for (const event of page.events) {
          if (event.revision !== 0) continue;
          streams.push(event.stream);
          if (streams.length >= this.#most(STREAMS_MAX))
            return { streams, position: event.position };
        }
        position = page.position;
        if (position >= head) return { streams, position: undefined };
      }
    } finally {
      clearTimeout(timer);
    }
    if (position === from) throw new TransientError('The store was not read in time');
    return { streams, position };
  }

  async #rows({ table, after }: Extract<Place, { at: 'rows' }>): Promise<CheckedPage> {
    const { store } = this.options;
    if (!this.#tables[table]) throw new UnknownPlaceError();
    const [name, , projection] = this.#tables[table];
    const ids = await this.#idsAfter(table, after);
    const findings: Finding[] = [];
    await Promise.all(
      ids.map(async (id) => {
        const streams = projection.categories.map((category) => `${category}-${id}`);
        const read = await Promise.all(streams.map((stream) => readFor(store, stream)));
        findings.push(...read.flatMap((one) => one.findings));
        if (read.every((one) => one.events.length === 0 && one.findings.length === 0))
          findings.push({ check: 'I5', subject: id, detail: `${name} has a row without a stream` });
      }),
    );
    const last = ids.at(-1);
    const next: Place =
      last === undefined || ids.length < this.#most(IDS_MAX)
        ? { at: 'rows', table: table + 1, after: '' }
        : { at: 'rows', table, after: last };
    return { findings, checked: ids.length, next: this.#existing(next) };
  }

  /** The next ids in a table; none where no index gives their order. */
  async #idsAfter(table: number, after: string): Promise<readonly string[]> {
    const { database } = this.options;
    const [name, column] = this.#tables[table]!;
    const qualified = `${quoted(database.options.schema)}.${quoted(name)}`;
    const [known] = await database.query<{ type: string; indexed: boolean; fits: boolean }>(
      `select format_type(a.atttypid, a.atttypmod) as type, exists (
         select from pg_index i where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indpred is null
       ) as indexed, $3 = '' or pg_input_is_valid($3, format_type(a.atttypid, a.atttypmod)) as fits
       from pg_attribute a where a.attrelid = $1::regclass and a.attname = $2`,
      [qualified, column, after],
    );
    if (!known?.fits) throw new UnknownPlaceError();
    if (!known.indexed) return [];
    const id = quoted(column);
    const rows = await database.query<{ id: string }>(
      `select distinct ${id}::text as id, ${id} as place from ${qualified}
       ${after === '' ? '' : `where ${id} > $1::${known.type}`} order by place limit ${this.#most(IDS_MAX)}`,
      after === '' ? [] : [after],
    );
    return rows.map((row) => row.id);
  }

  #most(usual: number): number {
    return Math.min(usual, this.options.itemsMax ?? usual);
  }

  #existing(place: Place): Place | null {
    return place.at === 'rows' && place.table >= this.#tables.length ? null : place;
  }
}
