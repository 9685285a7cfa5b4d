import {
  AsideLimit,
  ManyStreamsError,
  START,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import { Database } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { asideOf, forgetAside } from './asides.js';
import { ChangeOver } from './change-over.js';
import { isOfStream } from './one-by-one.js';
import { isOfLog, storedPosition } from './projection-positions.js';
import { piecesOf, quoted } from './projection.js';
import { feed, feedWithout, rest, type RebuildOptions, type Site } from './rebuild-site.js';
import { copyTables, dropTables, placesOf } from './shadow-tables.js';

/** A round of reading that took no longer is followed by an attempt to change over. */
const NEAR_MS = 1_000;
const CONNECTIONS = 2;
/** Work and rest take turns, so that a rebuild takes half of a connection's time at most. */
const REST_SHARE = 1;

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
  readonly #site: Site;
  readonly #changeOver: ChangeOver;
  #position: Position = START;

  constructor(private readonly options: RebuildOptions) {
    const { projection, database } = options;
    const places = placesOf(database.options.schema, projection.name);
    const building = new Database({
      ...database.options,
      // Nothing but the copies can be meant: a table that the projection does not name is an error.
      schema: places.building,
      applicationName: `${database.options.applicationName} rebuild`,
      connectionsMax: CONNECTIONS,
    });
    const tables = Object.keys(projection.tables);
    this.#site = {
      ...options,
      places,
      tables,
      building,
      aside: new Set(),
      limit: options.limit ?? new AsideLimit(),
    };
    this.#changeOver = new ChangeOver(this.#site);
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
      await this.#site.building.stop();
    }
  }

  async #begin(): Promise<boolean> {
    const { name, version } = this.options.projection;
    const { places, tables, building } = this.#site;
    const { live, retired } = places;
    const epoch = await this.options.store.epoch();
    return building.transaction(async (tx) => {
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
        for (const stream of await asideOf(tx, quoted(live), name, 'building'))
          this.#site.aside.add(stream);
        return true;
      }
      await dropTables(tx, retired);
      await forgetAside(tx, quoted(live), name, ['building', 'retired']);
      await copyTables(tx, places, tables);
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
    if (this.#position >= target && (await this.#changeOver.run(this.#position, signal)))
      return true;
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
      if (isTime && (await this.#changeOver.run(this.#position, signal))) return true;
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
      await this.#feedPiece(piece, to);
      this.#position = to;
    }
  }
  /** Goes on without the streams of a piece that cannot be applied. */
  async #feedPiece(piece: readonly RecordedEvent[], to: Position): Promise<void> {
    const { limit, projection, aside } = this.#site;
    const span = { from: this.#position, to };
    try {
      await this.#inCopies((tx) => feed(this.#site, tx, piece, span));
      if (piece.length > 0) limit.clear();
    } catch (error) {
      if (!isOfStream(error)) throw error;
      if (limit.isExceeded) throw new ManyStreamsError(`The rebuild of ${projection.name}`, error);
      const broken = await this.#inCopies((tx) => feedWithout(this.#site, tx, piece, span));
      for (const { stream } of broken) aside.add(stream);
    }
  }

  #inCopies<Result>(work: (tx: PoolClient) => Promise<Result>): Promise<Result> {
    return this.#site.building.transaction(async (tx) => {
      // Lost with its rows, so this need not wait for the disk.
      await tx.query('set local synchronous_commit = off');
      const result = await work(tx);
      await this.options.onStep?.('fed');
      return result;
    });
  }
}
