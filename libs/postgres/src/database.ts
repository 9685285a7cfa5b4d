import { isNativeError } from 'node:util/types';
import { TransientError } from '@throughline/kernel';
import { inSpan } from '@throughline/telemetry';
import pg from 'pg';
import { measurePool, type PoolMetrics } from './pool-metrics.js';
import { timestampReader } from './timestamp.js';
import { Turns } from './turns.js';

/** Deadlines of everything that is asked of Postgres, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 1_000;
export const LOCK_TIMEOUT_MS = 1_200;
export const STATEMENT_TIMEOUT_MS = 1_500;
/** Ends the wait of the client a little after the server should have given up by itself. */
export const QUERY_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;
const OPEN_TRIES_MAX = 3;

// Counts and versions stay far below 2^53; as strings they would compare wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));
const { TIMESTAMPTZ } = pg.types.builtins;
pg.types.setTypeParser(TIMESTAMPTZ, timestampReader(pg.types.getTypeParser(TIMESTAMPTZ)));

export type DatabaseOptions = {
  readonly connectionString: string;
  /** Schema that unqualified names mean. */
  readonly schema: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** Whose connections they are in metrics; not measured without it. */
  readonly service?: string;
  readonly onIdleError?: (error: Error) => void;
};

type Parameters = readonly unknown[];
type Work<Result> = (client: pg.PoolClient, discard: () => void) => Promise<Result>;

/** SQLSTATE classes that say "not now": connection, resources, operator intervention, lost races. */
const TRANSIENT_STATES = ['08', '53', '57', '40', '55'];
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
  // The session ended because its transaction stood idle or took too long.
  '25P03',
  '25P04',
]);
const TRANSIENT_WORDS =
  /timeout|Connection terminated|connection error|not queryable|the database system|Cannot use a pool after/i;

/** A database error as `TransientError` when trying again may help; any other error as it is. */
export const asTransient = (error: unknown): unknown => {
  // Not `instanceof Error`: the driver's may come from another realm.
  if (!isNativeError(error) || error instanceof TransientError) return error;
  const { code = '' } = error as { code?: string };
  const isTransient =
    TRANSIENT_CODES.has(code) ||
    (code.length === 5 && TRANSIENT_STATES.includes(code.slice(0, 2))) ||
    (code.length !== 5 && TRANSIENT_WORDS.test(error.message));
  return isTransient ? new TransientError(error.message, { cause: error }) : error;
};

/** True when the connection's state is unknown: no answer came, or one that ended the session. */
const isSessionLost = (error: unknown): boolean =>
  error instanceof pg.DatabaseError
    ? error.severity !== 'ERROR'
    : !(error instanceof TransientError) && asTransient(error) instanceof TransientError;

/** A pool of connections on which nothing waits for ever. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #turns: Turns;
  readonly #metrics: PoolMetrics;
  #isStopped = false;
  #ended: Promise<void> | undefined;

  constructor(readonly options: DatabaseOptions) {
    this.#pool = new pg.Pool({
      connectionString: options.connectionString,
      application_name: options.applicationName,
      max: options.connectionsMax,
      // Connections are kept: opening some takes longest when there is most to do.
      min: options.connectionsMax,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      options: `-c search_path=${options.schema},public`,
    });
    // Without a listener the error of an idle connection would end the process.
    this.#pool.on('error', (error) => {
      if (!this.#isStopped) options.onIdleError?.(error);
    });
    this.#turns = new Turns(options.connectionsMax);
    this.#metrics = measurePool(options.service, this.#pool, this.#turns);
  }

  /** Runs one statement. A `name` keeps it prepared on its connection. Throws `TransientError` for "not now". */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: Parameters = [],
    name?: string,
  ): Promise<Row[]> {
    return this.#traced(name ?? 'unnamed', async (client) => {
      const result = await client.query<Row>({ text, values: [...values], ...(name && { name }) });
      return result.rows;
    });
  }

  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  async transaction<Result>(work: (tx: pg.PoolClient) => Promise<Result>): Promise<Result> {
    return this.#traced('transaction', async (client, discard) => {
      await client.query('begin');
      try {
        const result = await work(client);
        const { command } = await client.query('commit');
        // Postgres answers so, without an error, when a statement had failed that `work` took no notice of.
        if (command !== 'COMMIT') throw new Error('A statement had failed: nothing was committed');
        return result;
      } catch (error) {
        // Closing a connection rolls back too.
        if (!isSessionLost(error)) await client.query('rollback').catch(discard);
        throw error;
      }
    });
  }

  /**
   * Opens all connections, before there is work for them: a process that is busy with a backlog answers the server's
   * greetings late, and gives such connections up.
   */
  async open(): Promise<void> {
    const { connectionsMax } = this.options;
    for (
      let tries = 0;
      tries < OPEN_TRIES_MAX && this.#pool.totalCount < connectionsMax;
      tries += 1
    ) {
      const opening = Array.from({ length: connectionsMax }, () => this.#pool.connect());
      // One that does not come now is opened when it is needed.
      for (const opened of await Promise.allSettled(opening))
        if (opened.status === 'fulfilled') opened.value.release();
    }
  }

  /** Closes the connections; calling it again changes nothing. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#metrics.stop();
    this.#ended ??= this.#pool.end();
    await this.#ended;
  }

  /** Work behind requests that waits for a connection is refused, so that it ends soon: it will come again. */
  endPatience(): void {
    this.#turns.endPatience();
  }

  /** A span says which statement it was; never with which values. */
  #traced<Result>(name: string, work: Work<Result>): Promise<Result> {
    return this.#metrics.measure(() =>
      inSpan(`sql ${name}`, { role: 'client', onlyWithin: true }, () => this.#withClient(work)),
    );
  }

  async #withClient<Result>(work: Work<Result>): Promise<Result> {
    const endTurn = await this.#turns.take();
    try {
      return await this.#connected(work);
    } finally {
      endTurn();
    }
  }

  async #connected<Result>(work: Work<Result>): Promise<Result> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw asTransient(error);
    }
    let broken = false;
    const discard = (): void => {
      broken = true;
    };
    client.on('error', discard);
    try {
      return await work(client, discard);
    } catch (error) {
      // After a client-side timeout the server may still be at it: never hand that connection on.
      if (isSessionLost(error)) discard();
      throw asTransient(error);
    } finally {
      client.off('error', discard);
      client.release(broken);
    }
  }
}
