import type { Position } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { PoolClient } from 'pg';
import { forgetAside, moveAside } from './asides.js';
import { isOfLog, lockedPosition, OvertakenError } from './projection-positions.js';
import { piecesOf, quoted } from './projection.js';
import { feed, rest, type Site } from './rebuild-site.js';
import { closeTables, dropTables, listed, lookOnlyAt, replaceTables } from './shadow-tables.js';

/** How long the live projection may stand still while the last events are applied. */
const LAST_PAGES_MS = 700;
/** How long readers may wait for the change, at first and at most; below the server's deadlock timeout of 1 s. */
const CLOSE_WAIT_MS = 100;
const CLOSE_WAIT_MAX_MS = 500;
const RETRY_MS = 200;
const ANALYZE_TIMEOUT_MS = 120_000;

/** There was too much left to apply: everything stays as it was. */
class BehindError extends Error {
  override readonly name = 'BehindError';
}

/** The change from the live tables to their copies, which nobody is to notice. */
export class ChangeOver {
  #isAnalyzed = false;

  constructor(private readonly site: Site) {}

  /**
   * Tries until the tables are changed over (true), or there is too much left to apply after `position` for that
   * (false). Throws `OvertakenError` when the rebuild is no longer this worker's.
   */
  async run(position: Position, signal: AbortSignal): Promise<boolean> {
    if (!this.#isAnalyzed) await this.#analyze();
    let waitMs = CLOSE_WAIT_MS;
    while (!signal.aborted) {
      try {
        await this.#attempt(position, waitMs);
        await this.site.onStep?.('changed');
        return true;
      } catch (error) {
        if (error instanceof BehindError) return false;
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
    const { building, tables, onStep } = this.site;
    await building.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = ${ANALYZE_TIMEOUT_MS}`);
      for (const table of tables) {
        const patiently = {
          text: `analyze ${quoted(table)}`,
          query_timeout: ANALYZE_TIMEOUT_MS,
        };
        await tx.query(patiently);
      }
    });
    this.#isAnalyzed = true;
    await onStep?.('analyzed');
  }

  async #attempt(from: Position, waitMs: number): Promise<void> {
    const { projection, store, places, tables, building, onStep } = this.site;
    const { live, retired } = places;
    await building.transaction(async (tx) => {
      // Readers and writers do not notice this lock, but a vacuum under way gives way to it.
      await tx.query(`lock table ${listed(live, tables)} in share update exclusive mode`);
      const stored = await lockedPosition(tx, quoted(live), projection.name);
      if (!stored || stored.keeper > projection.version)
        throw new OvertakenError(`Projection ${projection.name} is kept by another release`);
      const isKept = await isOfLog(store, stored);
      const position = await this.#catchUp(tx, from, isKept ? stored.position : from);
      await closeTables(tx, live, tables, waitMs);
      await onStep?.('closed');
      await replaceTables(tx, places, tables);
      // Nobody should want rows back that are made from another log.
      if (!isKept) await dropTables(tx, retired);
      await this.#note(tx, position, isKept ? stored : undefined);
      await onStep?.('moved');
    });
  }

  async #note(
    tx: PoolClient,
    position: Position,
    retired: { readonly version: number; readonly position: Position } | undefined,
  ): Promise<void> {
    const { projection, places } = this.site;
    const live = quoted(places.live);
    await tx.query(
      `update ${live}.projection_positions
       set version = $2, keeper = $2, position = $3, refused = null, fault = null, asides = asides + 1, retired_version = $4, retired_position = $5,
           epoch = (select epoch from ${live}.projection_rebuilds where name = $1) where name = $1`,
      [
        projection.name,
        projection.version,
        position.toString(),
        retired?.version ?? null,
        retired?.position.toString() ?? null,
      ],
    );
    await moveAside(tx, live, projection.name, 'live', 'retired');
    await moveAside(tx, live, projection.name, 'building', 'live');
    if (!retired) await forgetAside(tx, live, projection.name, ['retired']);
    await tx.query(
      `update ${live}.projection_rebuilds set phase = 'done', changed_at = clock_timestamp()
       where name = $1`,
      [projection.name],
    );
  }

  /** Applies what the live rows have more, while they stand still; throws `BehindError` when that takes too long. */
  async #catchUp(tx: PoolClient, from: Position, to: Position): Promise<Position> {
    const { projection, store, places } = this.site;
    await lookOnlyAt(tx, places.building);
    // Also where there is nothing to apply: the rebuild must still be this worker's.
    await feed(this.site, tx, [], { from, to: from });
    let position = from;
    if (position >= to) return position;
    const reading = new AbortController();
    const timer = setTimeout(() => reading.abort(), LAST_PAGES_MS);
    try {
      const pages = store.subscribe(projection.categories, position, reading.signal);
      for await (const page of pages) {
        for (const piece of piecesOf(page.events)) {
          const end = piece.at(-1)!.position;
          await feed(this.site, tx, piece, { from: position, to: end });
          position = end;
        }
        await feed(this.site, tx, [], { from: position, to: page.position });
        position = page.position;
        if (position >= to) return position;
        if (reading.signal.aborted) break;
      }
    } finally {
      clearTimeout(timer);
    }
    throw new BehindError(`${projection.name} lacks events after ${position}`);
  }
}
