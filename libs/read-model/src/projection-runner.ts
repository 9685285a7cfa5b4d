import { Pace } from '@throughline/kernel';
import {
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import type { Database, MigrationSet } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Projection } from './projection.js';

export const PROJECTION_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'projection_migrations',
};

const RESTART_PAUSE_MS = 500;
/** Version of a projection that no worker has built yet. */
const NEVER_BUILT = -1;
/** Events applied in one transaction; more would keep rows locked for too long. */
const APPLY_EVENTS_MAX = 500;

/** Another worker moved the projection: this one starts again from the stored position. */
class OvertakenError extends Error {}

type Waiter = { readonly position: Position; readonly resolve: () => void };

/** Keeps one projection current. Several may run; the position is compared and set, so none writes late. */
export class ProjectionRunner {
  readonly #abort = new AbortController();
  #done: Promise<void> | undefined;
  /** In the database, with the rows. Behind `#reached` after pages without events for this projection. */
  #stored: Position = START;
  #reached: Position = START;
  #waiters = new Set<Waiter>();

  constructor(
    private readonly projection: Projection,
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly logger: Logger,
    /** Says when requests go first. */
    private readonly pace = new Pace(),
  ) {}

  start(): void {
    this.#done ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  /** True once everything up to `position` is in the rows; false when that takes longer than `timeoutMs`. */
  async caughtUp(position: Position, timeoutMs: number): Promise<boolean> {
    if (this.#reached >= position) return true;
    return new Promise((resolve) => {
      const waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const from = await this.#prepare();
        const { categories } = this.projection;
        for await (const { events, position } of this.store.subscribe(categories, from, signal)) {
          await this.#advance(events, position);
          if (this.pace.isBusy) await this.pace.stepBack();
        }
      } catch (error) {
        if (!(error instanceof OvertakenError))
          this.logger.error(
            { err: error, projection: this.projection.name },
            'projection starts again',
          );
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }

  /** Finds where to go on; a new version of the projection starts empty from the beginning. */
  async #prepare(): Promise<Position> {
    const { name, version } = this.projection;
    const position = await this.database.transaction(async (tx) => {
      // The row is there before it is locked, so that of two first workers one waits for the other.
      await tx.query(
        `insert into projection_positions (name, version, position) values ($1, $2, 0)
         on conflict (name) do nothing`,
        [name, NEVER_BUILT],
      );
      const { rows } = await tx.query<{ version: number; position: number }>(
        'select version, position from projection_positions where name = $1 for update',
        [name],
      );
      const stored = rows[0]!;
      if (stored.version === version) return BigInt(stored.position);
      // While releases change, the older one must not empty what the newer one has built.
      if (stored.version > version)
        throw new Error(
          `Projection ${name} is kept at version ${stored.version} by a newer release`,
        );
      await this.projection.reset(tx);
      await tx.query('update projection_positions set version = $2, position = 0 where name = $1', [
        name,
        version,
      ]);
      return START;
    });
    if (position > (await this.store.head()))
      throw new Error(`Projection ${name} is ahead of its log: was an older log restored?`);
    this.#stored = position;
    this.#reach(position);
    return position;
  }

  async #advance(events: readonly RecordedEvent[], position: Position): Promise<void> {
    for (let start = 0; start < events.length; start += APPLY_EVENTS_MAX) {
      const part = events.slice(start, start + APPLY_EVENTS_MAX);
      const isLast = start + APPLY_EVENTS_MAX >= events.length;
      await this.#apply(part, isLast ? position : part.at(-1)!.position);
    }
    if (events.length === 0) this.#reach(position);
  }

  async #apply(events: readonly RecordedEvent[], position: Position): Promise<void> {
    await this.database.transaction(async (tx: PoolClient) => {
      // Rows and position are lost together or not at all, so this need not wait for the disk.
      await tx.query('set local synchronous_commit = off');
      const { rowCount } = await tx.query({
        name: 'projection-advance',
        text: `update projection_positions set position = $1
               where name = $2 and version = $3 and position = $4`,
        values: [
          position.toString(),
          this.projection.name,
          this.projection.version,
          this.#stored.toString(),
        ],
      });
      if (rowCount !== 1) throw new OvertakenError();
      await this.projection.apply(tx, events);
    });
    this.#stored = position;
    this.#reach(position);
  }

  #reach(position: Position): void {
    this.#reached = position;
    for (const waiter of this.#waiters) {
      if (waiter.position > position) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
