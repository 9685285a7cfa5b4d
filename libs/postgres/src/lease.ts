import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.js';
import type { MigrationSet } from './migrate.js';

export const LEASE_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'lease_migrations',
};

/** A holder that is heard of no more is followed by another one after this time. */
export const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
/** The holder stops believing in its lease this much before anybody else may take it. */
const MARGIN_MS = 1_000;

// The database's clock alone counts: those of the processes may differ.
const TAKE = `
  insert into leases as l (name, holder, expires_at)
  values ($1, $2, now() + $3 * interval '1 millisecond')
  on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where l.holder = excluded.holder or l.expires_at < now()
  returning true as held`;
const RELEASE = 'delete from leases where name = $1 and holder = $2';

type LeaseOptions = {
  /** Its schema has `LEASE_MIGRATIONS`. */
  readonly database: Database;
  /** What only one process at a time should do. */
  readonly name: string;
  readonly onError: (error: unknown) => void;
};

/**
 * Lets one of several processes do something: whoever holds the row works, the others look each second
 * whether it has expired. Two holders may overlap for a moment (a process that was paused), so the work must
 * be harmless when it is done twice; the lease is there so that it is not done twice all the time.
 */
export class Lease {
  readonly #holder = randomUUID();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isHeld = false;

  constructor(private readonly options: LeaseOptions) {}

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Begins to compete. `work` is called each time the lease is won, and must end when its signal aborts. */
  start(work: (signal: AbortSignal) => Promise<void>): void {
    this.#running ??= this.#compete(work);
  }

  /** Ends the work and lets the next process begin at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #compete(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const taken = await this.#take();
      if (typeof taken === 'number') await this.#hold(taken, work);
      await this.#pause();
    }
  }

  async #hold(heldUntilMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { name, database, onError } = this.options;
    const over = new AbortController();
    this.#isHeld = true;
    const working = work(over.signal)
      .catch(onError)
      // Work that ends by itself, because it failed, gives the lease to whoever can do better.
      .finally(() => over.abort());
    await this.#renew(heldUntilMs, over.signal);
    over.abort();
    await working;
    this.#isHeld = false;
    await database.query(RELEASE, [name, this.#holder], 'lease-release').catch(onError);
  }

  /** Resolves when the lease is lost or no longer wanted. */
  async #renew(heldUntilMs: number, over: AbortSignal): Promise<void> {
    let untilMs = heldUntilMs;
    while (performance.now() < untilMs - MARGIN_MS) {
      await this.#pause(over);
      if (over.aborted || this.#stopping.signal.aborted) return;
      const taken = await this.#take();
      if (taken === 'by-another') return;
      if (taken !== 'unknown') untilMs = taken;
    }
  }

  /** Until when the lease is held, on this process' own clock. */
  async #take(): Promise<number | 'by-another' | 'unknown'> {
    const { database, name, onError } = this.options;
    const askedAtMs = performance.now();
    try {
      const rows = await database.query(TAKE, [name, this.#holder, LEASE_MS], 'lease-take');
      return rows.length > 0 ? askedAtMs + LEASE_MS : 'by-another';
    } catch (error) {
      onError(error);
      return 'unknown';
    }
  }

  async #pause(over?: AbortSignal): Promise<void> {
    const signals = [this.#stopping.signal, ...(over ? [over] : [])];
    const signal = AbortSignal.any(signals);
    await delay(RENEW_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
