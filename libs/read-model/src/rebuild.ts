import {
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import { TransientError, type Pace } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { isOfLog, lockedPosition, OvertakenError, storedPosition } from './projection-positions.js';
import { piecesOf, quoted, type Projection } from './projection.js';
import {
  closeTables,
  copyTables,
  dropTables,
  listed,
  lookOnlyAt,
  placesOf,
  replaceTables,
  type Places,
} from './shadow-tables.js';

/** A round of reading that took no longer is followed by an attempt to change over. */
const NEAR_MS = 1_000;
/** How long the live projection may stand still while the last events are applied. */
const LAST_PAGES_MS = 700;
/** How long readers may wait for the change, at first and at most; below the server's deadlock timeout of 1 s. */
const CLOSE_WAIT_MS = 100;
const CLOSE_WAIT_MAX_MS = 500;
const RETRY_MS = 200;
const ANALYZE_TIMEOUT_MS = 120_000;
const CONNECTIONS = 2;
/** Work and rest take turns, so that a rebuild takes half of a connection's time at most. */
const REST_SHARE = 1;

/** Where a test may interrupt: after the step, where `fed`, `closed` and `moved` are inside of their transaction. */
export type RebuildStep = 'copied' | 'fed' | 'analyzed' | 'closed' | 'moved' | 'changed';

export type RebuildOptions = {
  readonly projection: Projection;
  readonly store: EventStore;
  /** The service's own; the rebuild uses connections of its own beside it. */
  readonly database: Database;
  readonly pace: Pace;
  readonly onStep?: (step: RebuildStep) => Promise<void>;
};

type Begun = {
  readonly version: number | null;
  readonly phase: string;
  readonly position: number;
  readonly epoch: string | null;
};

/**
 * Builds a projection's tables anew beside those that serve, and changes over when it has caught up: in one
 * transaction that closes the live tables, applies the last events and moves both. Goes on where it stopped,
 * whatever ended it. Its position is compared and set like that of the live rows.
 */
export class Rebuild {
  readonly #places: Places;
  readonly #tables: readonly string[];
  readonly #database: Database;
  #position: Position = START;
  #isAnalyzed = false;

  constructor(private readonly options: RebuildOptions) {
    const { projection, database } = options;
    this.#places = placesOf(database.options.schema, projection.name);
    this.#tables = Object.keys(projection.tables);
    this.#database = new Database({
      ...database.options,
      // Nothing but the copies can be meant: a table that the projection does not name is an error.
      schema: this.#places.building,
      applicationName: `${database.options.applicationName} rebuild`,
      connectionsMax: CONNECTIONS,
    });
  }

  /**
   * Carries out what is asked for, if anything. Answers whether the tables were changed over; not so when there is
   * nothing to do or `signal` aborts. Throws `OvertakenError` when it was cancelled or another worker is at it.
   */
  async run(signal: AbortSignal): Promise<boolean> {
    try {
      if (!(await this.#begin())) return false;
      return await this.#follow(signal);
    } finally {
      await this.#database.stop();
    }
  }

  async #begin(): Promise<boolean> {
    const { name, version } = this.options.projection;
    const { live, retired } = this.#places;
    const epoch = await this.options.store.epoch();
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query<Begun>(
        `select version, phase, position, epoch from ${quoted(live)}.projection_rebuilds where name = $1 for update`,
        [name],
      );
      const asked = rows[0];
      if (!asked || (asked.phase !== 'waiting' && asked.phase !== 'building')) return false;
      // A newer release builds its own.
      if ((asked.version ?? version) > version) return false;
      if (asked.phase === 'building' && asked.version === version && asked.epoch === epoch) {
        this.#position = BigInt(asked.position);
        return true;
      }
      await dropTables(tx, retired);
      await copyTables(tx, this.#places, this.#tables);
      await tx.query(
        `update ${quoted(live)}.projection_positions
         set retired_version = null, retired_position = null where name = $1`,
        [name],
      );
      await tx.query(
        `update ${quoted(live)}.projection_rebuilds
         set version = $2, phase = 'building', epoch = $3, position = 0, events = 0, error = null,
             started_at = clock_timestamp(), changed_at = clock_timestamp() where name = $1`,
        [name, version, epoch],
      );
      this.#position = START;
      await this.options.onStep?.('copied');
      return true;
    });
  }

  async #follow(signal: AbortSignal): Promise<boolean> {
    const { projection, store, pace } = this.options;
    let target = await this.#livePosition();
    let roundBegan = performance.now();
    if (this.#position >= target && (await this.#changeOver(signal))) return true;
    const pages = store.subscribe(projection.categories, this.#position, signal);
    for await (const { events, position } of pages) {
      const began = performance.now();
      await this.#feed(events, position);
      if (this.#position < target) {
        await rest((performance.now() - began) * REST_SHARE);
        if (pace.isBusy) await pace.stepBack();
        continue;
      }
      const isNear = performance.now() - roundBegan < NEAR_MS;
      target = await this.#livePosition();
      roundBegan = performance.now();
      const isTime = isNear || this.#position >= target;
      if (isTime && (await this.#changeOver(signal))) return true;
    }
    return false;
  }

  /** Where the rows that serve are; those of a log that is no longer there are nothing to wait for. */
  async #livePosition(): Promise<Position> {
    const { projection, database, store } = this.options;
    const stored = await storedPosition(database, projection.name);
    if (!stored) return START;
    return (await isOfLog(store, stored)) ? stored.position : store.head();
  }

  async #feed(events: readonly RecordedEvent[], end: Position): Promise<void> {
    const pieces = events.length > 0 ? piecesOf(events) : [[]];
    for (const [index, piece] of pieces.entries()) {
      const to = index === pieces.length - 1 ? end : piece.at(-1)!.position;
      await this.#database.transaction(async (tx) => {
        // Lost with its rows, so this need not wait for the disk.
        await tx.query('set local synchronous_commit = off');
        await this.#apply(tx, piece, this.#position, to);
        await this.options.onStep?.('fed');
      });
      this.#position = to;
    }
  }

  async #apply(
    tx: PoolClient,
    events: readonly RecordedEvent[],
    from: Position,
    to: Position,
  ): Promise<void> {
    const { projection } = this.options;
    const { rowCount } = await tx.query(
      `update ${quoted(this.#places.live)}.projection_rebuilds
       set position = $1, events = events + $2, error = null, changed_at = clock_timestamp()
       where name = $3 and version = $4 and phase = 'building' and position = $5`,
      [to.toString(), events.length, projection.name, projection.version, from.toString()],
    );
    if (rowCount !== 1)
      throw new OvertakenError(`The rebuild of ${projection.name} was cancelled or taken over`);
    if (events.length > 0) await projection.apply(tx, events);
  }

  /** Tries until the tables are changed over (true), or until there is too much left to apply for that (false). */
  async #changeOver(signal: AbortSignal): Promise<boolean> {
    if (!this.#isAnalyzed) await this.#analyze();
    let waitMs = CLOSE_WAIT_MS;
    while (!signal.aborted) {
      try {
        return await this.#attempt(waitMs);
      } catch (error) {
        // Readers did not leave the tables in time; they go first.
        if (!(error instanceof TransientError)) throw error;
        waitMs = Math.min(waitMs * 2, CLOSE_WAIT_MAX_MS);
        await rest(RETRY_MS);
      }
    }
    return false;
  }

  /** New tables are read by a plan that suits them from the first query on. */
  async #analyze(): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = ${ANALYZE_TIMEOUT_MS}`);
      for (const table of this.#tables) {
        const patiently = {
          text: `analyze ${quoted(table)}`,
          query_timeout: ANALYZE_TIMEOUT_MS,
        };
        await tx.query(patiently);
      }
    });
    this.#isAnalyzed = true;
    await this.options.onStep?.('analyzed');
  }

  async #attempt(waitMs: number): Promise<boolean> {
    const { projection, store, onStep } = this.options;
    const { live, retired } = this.#places;
    const isChanged = await this.#database.transaction(async (tx) => {
      // Readers and writers do not notice this lock, but a vacuum under way gives way to it.
      await tx.query(`lock table ${listed(live, this.#tables)} in share update exclusive mode`);
      const stored = await lockedPosition(tx, quoted(live), projection.name);
      if (!stored || stored.keeper > projection.version)
        throw new OvertakenError(`Projection ${projection.name} is kept by another release`);
      const isKept = await isOfLog(store, stored);
      const position = await this.#catchUp(tx, isKept ? stored.position : START);
      if (isKept && position < stored.position) return false;
      await closeTables(tx, live, this.#tables, waitMs);
      await onStep?.('closed');
      await replaceTables(tx, this.#places, this.#tables);
      // Nobody should want rows back that are made from another log.
      if (!isKept) await dropTables(tx, retired);
      await tx.query(
        `update ${quoted(live)}.projection_positions
         set version = $2, keeper = $2, position = $3, refused = null, retired_version = $4, retired_position = $5,
             epoch = (select epoch from ${quoted(live)}.projection_rebuilds where name = $1) where name = $1`,
        [
          projection.name,
          projection.version,
          position.toString(),
          isKept ? stored.version : null,
          isKept ? stored.position.toString() : null,
        ],
      );
      await tx.query(
        `update ${quoted(live)}.projection_rebuilds
         set phase = 'done', changed_at = clock_timestamp() where name = $1`,
        [projection.name],
      );
      await onStep?.('moved');
      return true;
    });
    if (isChanged) await onStep?.('changed');
    return isChanged;
  }

  /** Applies what the live rows have more, while they stand still; gives up after a short time. */
  async #catchUp(tx: PoolClient, to: Position): Promise<Position> {
    const { projection, store } = this.options;
    let position = this.#position;
    if (position >= to) return this.#hold(tx, position);
    await lookOnlyAt(tx, this.#places.building);
    const reading = new AbortController();
    const timer = setTimeout(() => reading.abort(), LAST_PAGES_MS);
    try {
      const pages = store.subscribe(projection.categories, position, reading.signal);
      for await (const page of pages) {
        for (const piece of piecesOf(page.events)) {
          const end = piece.at(-1)!.position;
          await this.#apply(tx, piece, position, end);
          position = end;
        }
        if (page.position > position) await this.#apply(tx, [], position, page.position);
        position = page.position;
        if (position >= to || reading.signal.aborted) break;
      }
    } finally {
      clearTimeout(timer);
    }
    return position;
  }

  /** Makes sure that the rebuild is still this worker's. */
  async #hold(tx: PoolClient, position: Position): Promise<Position> {
    await this.#apply(tx, [], position, position);
    return position;
  }
}

const rest = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
