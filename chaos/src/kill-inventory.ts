import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiOf, untilReady } from '@throughline/bench';
import { Database, EmbeddedServer, holdFolder } from '@throughline/postgres';
import { HoldClients, type Told } from './hold-clients.js';

const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../tools/cli/dist/main.js', import.meta.url));
/** Share of the kills that hit the whole process; the others hit a session of Postgres, which then recovers. */
const PROCESS_SHARE = 0.3;
const PAUSE_MAX_MS = 700;
const SKUS = 20;
const UNITS = 1_000_000;
/** So long after its expiry, or after the system is back, a hold may still keep stock. */
const OVERDUE_MAX_SECONDS = 5;
const LOOK_EVERY_MS = 200;
const REST_TIMEOUT_MS = 120_000;

export type KillInventoryOptions = {
  readonly port: number;
  readonly dataFolder: string;
  readonly kills: number;
  readonly random: () => number;
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** The system in a process of its own, on a Postgres that outlives it. */
class Victim {
  #child!: ChildProcess;
  /** Since when it is ready again; undefined while it is not. */
  readySince: number | undefined;

  constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly databaseUrl: string,
  ) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get key(): string {
    return readFileSync(join(this.folder, 'admin-key'), 'utf8').trim();
  }

  async start(): Promise<void> {
    this.#child = spawn(
      process.execPath,
      [MAIN, '--port', String(this.port), '--data-dir', this.folder],
      {
        stdio: ['ignore', 'ignore', 'ignore'],
        env: { ...process.env, DATABASE_URL: this.databaseUrl, LOG_LEVEL: 'silent' },
      },
    );
    await this.ready();
  }

  async ready(): Promise<void> {
    await untilReady(this.origin, this.#child);
    this.readySince = Date.now();
  }

  async kill(): Promise<void> {
    this.readySince = undefined;
    const ended = exitOf(this.#child);
    this.#child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    const ended = exitOf(this.#child);
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Looks all the time how long holds stay overdue while the system is up; answers the longest, in seconds. */
const watchOverdue = (database: Database, victim: Victim, isOver: () => boolean) => {
  const look = async (): Promise<number> => {
    const since = victim.readySince;
    if (since === undefined) return 0;
    const [row] = await database.query<{ seconds: number | null }>(
      `select max(extract(epoch from now() - greatest(expires_at, $1::timestamptz)))::float8 as seconds
       from attempts where owner = 'checkout' and outcome = 'reserved' and expires_at < now()`,
      [new Date(since).toISOString()],
    );
    return row?.seconds ?? 0;
  };
  return (async () => {
    let longest = 0;
    while (!isOver()) {
      longest = Math.max(longest, await look().catch(() => 0));
      await pause(LOOK_EVERY_MS);
    }
    return longest;
  })();
};

const killSession = async (database: Database, random: () => number): Promise<void> => {
  const rows = await database.query<{ pid: number }>(
    `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
     order by (state = 'active') desc, pid limit 4`,
  );
  const chosen = rows[Math.floor(random() * rows.length)];
  if (chosen) process.kill(chosen.pid, 'SIGKILL');
};

const seed = async (victim: Victim): Promise<void> => {
  const api = apiOf(victim, 1);
  for (const [id, postalCode] of [
    ['north', 'LS1'],
    ['south', 'BN1'],
  ] as const) {
    const place = { type: 'warehouse', name: id, address: { country: 'GB', postalCode } };
    await api.call('PUT', `/v1/inventory/locations/${id}`, [200, 201], JSON.stringify(place));
  }
  for (let index = 0; index < SKUS; index += 1) {
    const sku = `KILL-${index}`;
    await api.call('PUT', `/v1/inventory/items/${sku}`, [200, 201], JSON.stringify({ name: sku }));
    for (const locationId of ['north', 'south']) {
      const receipt = { type: 'receipt', sku, locationId, quantity: UNITS, reason: 'chaos' };
      await api.call('POST', '/v1/inventory/movements', [201], JSON.stringify(receipt));
    }
  }
  await api.close();
};

/**
 * Checkouts hold, give back, forget and order; orders are cancelled and shipped. Meanwhile the process, or a
 * session of Postgres, is killed with -9 at random moments. Answers what was wrong afterwards.
 */
export const killInventory = async (options: KillInventoryOptions): Promise<string[]> => {
  const { port, dataFolder, kills, random } = options;
  const server = await EmbeddedServer.start(
    holdFolder(join(dataFolder, 'database'), 'npm run chaos'),
  );
  const victim = new Victim(port, join(dataFolder, 'system'), server.connectionString);
  const database = new Database({
    connectionString: server.connectionString,
    schema: 'inventory',
    applicationName: 'chaos',
    connectionsMax: 2,
  });
  await victim.start();
  await seed(victim);
  const clients = new HoldClients(victim, SKUS, random);
  const simulated = exitOf(
    spawn(
      process.execPath,
      [CLI, 'simulate', '--url', victim.origin, '--key', victim.key, '--until-idle', '20'],
      { stdio: 'ignore' },
    ),
  );
  let isOver = false;
  const overdue = watchOverdue(database, victim, () => isOver);
  let processes = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(random() * PAUSE_MAX_MS);
    if (random() < PROCESS_SHARE) {
      processes += 1;
      await victim.kill();
      await victim.start();
    } else {
      await killSession(database, random).catch(() => undefined);
      victim.readySince = undefined;
      await victim.ready();
    }
    if (kill % 10 === 0) process.stdout.write(`${kill} kills, ${processes} of the process\n`);
  }
  const told = await clients.settle();
  process.stdout.write(`${JSON.stringify(clients.counts())}\n`);
  const problems = (await simulated) === 0 ? [] : ['the simulator failed'];
  problems.push(...(await wrongAfter(victim, database, told)));
  isOver = true;
  const seconds = await overdue;
  process.stdout.write(`a hold was overdue for ${seconds.toFixed(1)} s at most\n`);
  if (seconds > OVERDUE_MAX_SECONDS) problems.push(`a hold was overdue for ${seconds} s`);
  await victim.stop();
  await database.stop();
  await server.stop();
  return problems;
};

const wrongAfter = async (victim: Victim, database: Database, told: Told): Promise<string[]> => {
  const problems: string[] = [];
  const deadline = Date.now() + REST_TIMEOUT_MS;
  const open = async (): Promise<number> =>
    (
      await database.query<{ count: number }>(
        `select count(*)::int as count from attempts where owner = 'checkout' and outcome = 'reserved'`,
      )
    )[0]!.count;
  while ((await open()) > 0 && Date.now() < deadline) await pause(LOOK_EVERY_MS);
  if ((await open()) > 0) problems.push(`${await open()} holds never end`);
  const api = apiOf(victim, 1);
  const list = async (path: string): Promise<readonly unknown[]> =>
    (await api.call<{ items: readonly unknown[] }>('GET', path, [200])).items;
  for (const path of [
    '/v1/inventory/checks',
    '/v1/inventory/dead-letters',
    '/v1/routing/dead-letters',
  ]) {
    const items = await list(path);
    if (items.length > 0) problems.push(`${path}: ${JSON.stringify(items.slice(0, 3))}`);
  }
  await api.close();
  const stored = await database.query<{ id: string; count: number }>(
    `select order_id as id, count(*)::int as count from attempts where owner = 'checkout' group by 1`,
  );
  const known = new Map(stored.map(({ id, count }) => [id, count]));
  for (const id of told.held)
    if (known.get(id) !== 1) problems.push(`hold ${id} is not there once`);
  for (const id of known.keys())
    if (!told.held.has(id)) problems.push(`hold ${id} was told nobody`);
  const books = [CLI, 'reconcile', '--url', victim.origin, '--key', victim.key];
  const reconciled = exitOf(spawn(process.execPath, books, { stdio: 'inherit' }));
  if ((await reconciled) !== 0) problems.push('the books do not balance');
  return problems;
};
