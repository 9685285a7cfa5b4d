import { setTimeout as delay } from 'node:timers/promises';
import { Pace } from '@throughline/kernel';
import {
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import type { Database, MigrationSet } from '@throughline/postgres';
import { inSpan } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { projectionMetrics } from './projection-metrics.js';
import {
  moveOn,
  OvertakenError,
  refuseForeignLog,
  storedPosition,
  takeOver,
  waitForProjection,
} from './projection-positions.js';
import { piecesOf, type Projection } from './projection.js';
import { RebuildWorker } from './rebuild-worker.js';
import { requestRebuild } from './rebuild-requests.js';

export const PROJECTION_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'projection_migrations',
};

const RESTART_PAUSE_MS = 500;
const LOOK_EVERY_MS = 1_000;

type Waiter = { readonly position: Position; readonly resolve: () => void };

/**
 * Keeps one projection current, and carries out its rebuilds. Several may run; the position is compared and
 * set, so none writes late.
 */
export class ProjectionRunner {
  readonly #abort = new AbortController();
  readonly #metrics: ReturnType<typeof projectionMetrics>;
  readonly #service: string;
  readonly #worker: RebuildWorker;
  #done: Promise<void> | undefined;
  #isRunning = false;
  /** Ends the reading of the log, so that it begins again from the stored position. */
  #term = new AbortController();
  /** In the database, with the rows. Behind `#reached` after pages without events for this projection. */
  #stored: Position = START;
  #reached: Position = START;
  #isApplying = false;
  #noting: Promise<void> = Promise.resolve();
  /** When the event was decided that is being applied, or the last one that was. */
  #newest: string | undefined;
  #waiters = new Set<Waiter>();

  constructor(
    private readonly projection: Projection,
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly logger: Logger,
    /** Says when requests go first. */
    private readonly pace = new Pace(),
  ) {
    // A service's schema is its name.
    this.#service = database.options.schema.replaceAll('_', '-');
    this.#metrics = projectionMetrics(this.#service, projection.name);
    this.#worker = new RebuildWorker({ projection, store, database, logger, pace });
  }

  start(): void {
    this.#done ??= this.run(this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  /** Keeps the projection until `signal` aborts; may be called again after that. */
  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    const watching = this.#watch(signal);
    try {
      while (!signal.aborted) await this.#keep(signal);
    } finally {
      await watching;
      this.#isRunning = false;
      this.#metrics.forget();
    }
  }

  /**
   * True once everything up to `position` is in the rows; false when that takes longer than `timeoutMs`. Where
   * another process keeps the projection, its stored position tells.
   */
  async caughtUp(position: Position, timeoutMs: number): Promise<boolean> {
    if (!this.#isRunning)
      return waitForProjection(this.database, this.projection.name, position, timeoutMs);
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

  /** True once everything that is in the log now is in the rows. */
  async isCaughtUp(): Promise<boolean> {
    return this.caughtUp(await this.store.head(), 0);
  }

  /** Reads on from the stored position until something is in the way. */
  async #keep(signal: AbortSignal): Promise<void> {
    this.#term = new AbortController();
    const ending = AbortSignal.any([signal, this.#term.signal]);
    try {
      const from = await this.#prepare();
      const { categories } = this.projection;
      for await (const { events, position } of this.store.subscribe(categories, from, ending)) {
        if (ending.aborted) break;
        await this.#advance(events, position);
        if (this.pace.isBusy) await this.pace.stepBack();
      }
    } catch (error) {
      if (!(error instanceof OvertakenError)) {
        this.#metrics.failed();
        this.logger.error(
          { err: error, projection: this.projection.name },
          'projection starts again',
        );
      }
      if (!ending.aborted) await pause(RESTART_PAUSE_MS, ending);
    }
  }

  /** Finds where to go on; rows of an older version go on serving until theirs are rebuilt. */
  async #prepare(): Promise<Position> {
    const { name, version } = this.projection;
    const stored = await takeOver(this.database, this.projection);
    const { position, version: built } = stored;
    await refuseForeignLog(this.database, this.store, name, stored);
    if (built !== version) await requestRebuild(this.database, name, version);
    this.#stored = position;
    this.#reach(position);
    return position;
  }

  async #advance(events: readonly RecordedEvent[], position: Position): Promise<void> {
    for (const piece of piecesOf(events)) {
      const last = piece.at(-1)!;
      await this.#apply(piece, last === events.at(-1) ? position : last.position);
    }
    if (events.length === 0) this.#reach(position);
  }

  async #apply(events: readonly RecordedEvent[], position: Position): Promise<void> {
    const last = events.at(-1)!;
    const { traceparent: parent } = last.metadata;
    this.#newest = events[0]!.metadata.at;
    await this.#noting;
    this.#isApplying = true;
    try {
      await inSpan(
        `project ${this.projection.name}`,
        {
          ...(parent && { parent }),
          attributes: { service: this.#service, 'throughline.events': events.length },
          onlyWithin: true,
        },
        () => this.#write(events, position),
      );
    } finally {
      this.#isApplying = false;
    }
    this.#newest = last.metadata.at;
    this.#reach(position);
  }

  async #write(events: readonly RecordedEvent[], position: Position): Promise<void> {
    await this.database.transaction(async (tx) => {
      await moveOn(tx, this.projection, this.#stored, position);
      if (events.length > 0) await this.projection.apply(tx, events);
    });
    this.#stored = position;
  }

  #reach(position: Position): void {
    this.#reached = position;
    for (const waiter of this.#waiters) {
      if (waiter.position > position) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Measures, carries out rebuilds, and notices when the rows were changed over or rolled back. */
  async #watch(signal: AbortSignal): Promise<void> {
    const rebuilding = this.#worker.run(signal, () => this.#term.abort());
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        this.logger.debug({ err: error, projection: this.projection.name }, 'not measured');
      }
      await pause(LOOK_EVERY_MS, signal);
    }
    await rebuilding;
  }

  async #look(): Promise<void> {
    const before = this.#stored;
    const row = await storedPosition(this.database, this.projection.name);
    // Positions only grow, unless someone brought older rows back.
    if (row && row.position < before) {
      this.#reached = row.position;
      this.#term.abort();
    }
    // Events of others moved it in memory only; those who wait for it elsewhere must see that too.
    else if (!this.#isApplying && this.#reached > this.#stored) {
      const noted = this.#write([], this.#reached);
      this.#noting = noted.catch(() => undefined);
      await noted;
    }
    const isBehind = (await this.store.head()) > this.#reached;
    const oldest = isBehind && this.#newest !== undefined ? Date.parse(this.#newest) : Date.now();
    this.#metrics.lag(Math.max(0, (Date.now() - oldest) / 1_000));
    this.#metrics.position(this.#reached);
  }
}

/** Resolves after a time, or as soon as `signal` aborts. */
const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  delay(durationMs, undefined, { signal }).catch(() => undefined);
