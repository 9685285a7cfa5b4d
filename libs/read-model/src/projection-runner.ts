import { setTimeout as delay } from 'node:timers/promises';
import { FaultNews, Pace, TransientError } from '@throughline/kernel';
import {
  AsideLimit,
  errorText,
  ManyStreamsError,
  ReplacedLogError,
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import type { Database, MigrationSet } from '@throughline/postgres';
import { inSpan } from '@throughline/telemetry';
import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import { takeUpRequested } from './aside-retry.js';
import { asideOf, requestRetry, setAside, without } from './asides.js';
import { applyWithin, isOfStream } from './one-by-one.js';
import { projectionMetrics } from './projection-metrics.js';
import {
  moveOn,
  noteFault,
  OvertakenError,
  refuseForeignLog,
  storedPosition,
  takeOver,
  waitForProjection,
} from './projection-positions.js';
import { piecesOf, quoted, type Projection } from './projection.js';
import { RebuildWorker } from './rebuild-worker.js';
import { requestRebuild } from './rebuild-requests.js';
import { Waiters } from './waiters.js';

export const PROJECTION_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'projection_migrations',
};

const RESTART_PAUSE_MS = 500;
const LOOK_EVERY_MS = 1_000;
/** For how far behind it is, an answer so old will do: many look, and a store has more to do than to say where it ends. */
const HEAD_AGE_MS = 3_000;
/** Times that a page is tried before streams are set aside. */
const TRIES_MAX = 3;

/** Keeps one projection current, and carries out its rebuilds. Several may run; none writes late. */
export class ProjectionRunner {
  readonly #abort = new AbortController();
  readonly #metrics: ReturnType<typeof projectionMetrics>;
  readonly #service: string;
  readonly #worker: RebuildWorker;
  #done: Promise<void> | undefined;
  #isRunning = false;
  /** Ends the reading of the log; it begins again from the stored position. */
  #term = new AbortController();
  /** In the database, with the rows. Behind `#reached` after pages without events for this projection. */
  #stored: Position = START;
  /** Streams that are missing from the rows, as of the change to them that is counted. */
  #aside = new Set<string>();
  #asides = 0;
  readonly #limit = new AsideLimit();
  /** Times in a row that a page was not applied. */
  #failures = 0;
  #isNew = true;
  readonly #news = new FaultNews();
  #reached: Position = START;
  #isApplying = false;
  #noting: Promise<void> = Promise.resolve();
  /** When the event was decided that is being applied, or the last one that was. */
  #newest: string | undefined;
  readonly #waiters = new Waiters();

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
    this.#isNew = true;
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
    return this.#waiters.wait(position, timeoutMs);
  }

  /** Whether this process knows that `position` is in the rows. */
  hasReached(position: Position): boolean {
    return this.#isRunning && this.#reached >= position;
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
        if (this.#news.isOver()) {
          this.logger.info({ projection: this.projection.name }, 'projection goes on');
          await noteFault(this.database, this.projection, null);
        }
        if (events.length > 0) this.#failures = 0;
        if (this.pace.isBusy) await this.pace.stepBack();
      }
    } catch (error) {
      if (!(error instanceof OvertakenError)) {
        this.#metrics.failed();
        const level = this.#news.isNews(error) ? 'error' : 'debug';
        this.logger[level](
          { err: error, projection: this.projection.name },
          'projection starts again',
        );
        await this.#noteFailure(error);
      }
      if (!ending.aborted) await pause(RESTART_PAUSE_MS, ending);
    }
  }

  /** Says why it stands still: a log that was replaced at once, a fault when it has tried often enough. An outage is told elsewhere. */
  async #noteFailure(error: unknown): Promise<void> {
    if (error instanceof TransientError) return;
    if (this.#failures < TRIES_MAX && !(error instanceof ReplacedLogError)) return;
    await noteFault(this.database, this.projection, errorText(error)).catch(() => undefined);
  }

  /** Finds where to go on; rows of an older version go on serving until theirs are rebuilt. */
  async #prepare(): Promise<Position> {
    const { name, version } = this.projection;
    const stored = await takeOver(this.database, this.projection);
    const { position, version: built } = stored;
    await refuseForeignLog(this.database, this.store, name, stored);
    // What was wrong with the log that stood here before is over.
    if (this.#isNew) await noteFault(this.database, this.projection, null);
    if (built !== version) await requestRebuild(this.database, name, version);
    // A worker that begins may be of another release, which can do what the one before could not.
    if (this.#isNew) await requestRetry(this.database, name);
    this.#isNew = false;
    this.#aside = await this.database.transaction((tx) =>
      asideOf(tx, quoted(this.database.options.schema), name, 'live'),
    );
    this.#asides = stored.asides;
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
    const own = without(this.#aside, events);
    try {
      await this.database.transaction(async (tx) => {
        await this.#moveOn(tx, position);
        if (own.length > 0) await this.projection.apply(tx, own);
      });
      if (own.length > 0) this.#limit.clear();
    } catch (error) {
      if (own.length > 0 && !(error instanceof OvertakenError)) this.#failures += 1;
      if (!isOfStream(error) || this.#failures < TRIES_MAX) throw error;
      if (this.#limit.isExceeded)
        throw new ManyStreamsError(`Projection ${this.projection.name}`, error);
      await this.#writeWithout(own, position);
    }
    this.#stored = position;
  }

  /** Goes on without the streams that cannot be applied: they are set aside in the transaction that passes them. */
  async #writeWithout(events: readonly RecordedEvent[], position: Position): Promise<void> {
    const { projection, database, logger } = this;
    const broken = await database.transaction(async (tx) => {
      await this.#moveOn(tx, position);
      const found = await applyWithin(this.#limit, projection, tx, events);
      await setAside(tx, quoted(database.options.schema), projection, 'live', found);
      return found;
    });
    this.#limit.took(broken.length);
    for (const { stream, revision, error } of broken) {
      this.#aside.add(stream);
      logger.error({ err: error, projection: projection.name, stream, revision }, 'set aside');
    }
  }

  #moveOn(tx: PoolClient, position: Position): Promise<void> {
    const known = { position: this.#stored, asides: this.#asides };
    return moveOn(tx, this.projection, known, position);
  }

  #reach(position: Position): void {
    this.#reached = position;
    this.#waiters.reached(position);
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

  /** Tries the streams again that a retry was asked for. */
  async #takeUpAgain(): Promise<void> {
    const { projection, store, database } = this;
    const taken = await takeUpRequested({ projection, store, database });
    for (const stream of taken)
      this.logger.info({ projection: projection.name, stream }, 'taken up again');
    if (taken.length > 0) this.#term.abort();
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
    if (this.#aside.size > 0) await this.#takeUpAgain();
    this.#metrics.setAside(this.#aside.size);
    const isBehind = (await this.store.head(HEAD_AGE_MS)) > this.#reached;
    const oldest = isBehind && this.#newest !== undefined ? Date.parse(this.#newest) : Date.now();
    this.#metrics.lag(Math.max(0, (Date.now() - oldest) / 1_000));
    this.#metrics.position(this.#reached);
  }
}

/** Resolves after a time, or as soon as `signal` aborts. */
const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  delay(durationMs, undefined, { signal }).catch(() => undefined);
