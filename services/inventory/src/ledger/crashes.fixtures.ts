import { TransientError } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import type { Warehouse } from '../inventory.fixtures.js';
import type { LedgerOutcome, LedgerRequest } from './domain/ledger.js';
import { ledgerOf, type Ledger } from './ledger.js';

const CONNECTIONS = 4;
const TRIES_MAX = 100;

/** Mulberry32: a small seeded generator, so that a run can be repeated as far as the machine allows. */
export const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** The items in an order that only the seed knows. */
export const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] => {
  const left = [...items];
  for (let place = left.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    [left[place], left[other]] = [left[other]!, left[place]!];
  }
  return left;
};

/** What a transaction is at when it is killed: its last statement. */
const PHASES = {
  any: '',
  reading: '^\\s*select',
  writing: '^\\s*(insert|update|delete|with|commit)',
  telling: 'log_append',
} as const;
export type Phase = keyof typeof PHASES;

const KILL = `
  select query, pg_terminate_backend(pid) from pg_stat_activity
  where application_name = $1 and xact_start is not null and query ~ $2`;
/** How long a replica is watched until it is at such a statement. */
const LOOK_MAX_MS = 500;

/** The clock, a little later each time: no key that has the time in it keeps two batches apart by chance. */
export const ticking = (now: () => string): (() => string) => {
  let ticks = 0;
  return () => new Date(Date.parse(now()) + (ticks += 1)).toISOString();
};

class Crash extends Error {}

type Replica = {
  readonly name: string;
  readonly database: Database;
  readonly ledger: Ledger;
  /** Rejects for all who wait for an answer of this one. */
  readonly lost: Promise<never>;
  readonly lose: (reason: Error) => void;
};

/** Several ledgers on one database, each of which can be lost in the middle of a transaction. */
export class Replicas {
  readonly #replicas: Replica[] = [];
  readonly #stopped: Promise<void>[] = [];
  readonly #now: () => string;
  #started = 0;

  constructor(
    private readonly inventory: Warehouse,
    count: number,
    private readonly random: () => number,
  ) {
    this.#now = ticking(inventory.runtime.now);
    for (let index = 0; index < count; index += 1) this.#replicas.push(this.#start());
  }

  /**
   * Has a command carried out by any of the replicas. Whoever gets no answer asks again with the same cause, as
   * clients and the runner of messages do. Throws when it is never possible.
   */
  async carryOut({ command, cause }: LedgerRequest): Promise<LedgerOutcome> {
    for (let tries = 1; ; tries += 1) {
      const { ledger, lost } = this.#replicas[this.#any()]!;
      try {
        return (await Promise.race([ledger.carryOut(command, cause), lost])).outcome;
      } catch (error) {
        const mayRetry = error instanceof TransientError || error instanceof Crash;
        if (!mayRetry || tries === TRIES_MAX) throw error;
      }
    }
  }

  /**
   * Kills the connections of one replica while they are in a transaction that has come to such a statement, and
   * the replica with them: nobody hears of what it was doing. Another one takes its place. Answers which
   * statements were the last; none where it was at none for a while.
   */
  async crash(phase: Phase): Promise<readonly { readonly query: string }[]> {
    const place = this.#any();
    const dead = this.#replicas[place]!;
    const { database } = this.inventory.runtime;
    const deadline = performance.now() + LOOK_MAX_MS;
    let killed: { query: string }[] = [];
    while (killed.length === 0 && performance.now() < deadline)
      killed = await database.query(KILL, [dead.name, PHASES[phase]]);
    if (killed.length === 0) return killed;
    dead.lose(new Crash(`${dead.name} is gone`));
    this.#replicas[place] = this.#start();
    this.#stopped.push(dead.database.stop());
    return killed;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#replicas.map(({ database }) => database.stop()), ...this.#stopped]);
  }

  #any(): number {
    return Math.floor(this.random() * this.#replicas.length);
  }

  #start(): Replica {
    const { runtime } = this.inventory;
    const name = `replica ${(this.#started += 1)}`;
    const { connectionString, schema } = runtime.database.options;
    const database = new Database({
      connectionString,
      schema,
      applicationName: name,
      connectionsMax: CONNECTIONS,
    });
    const { promise: lost, reject: lose } = Promise.withResolvers<never>();
    lost.catch(() => undefined);
    const ledger = ledgerOf({ ...runtime, database, now: this.#now });
    return { name, database, ledger, lost, lose };
  }
}
