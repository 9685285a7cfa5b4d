import { execFileSync, spawn } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database, EmbeddedServer, holdFolder } from '@throughline/postgres';
import { refuseTakenPort } from '@throughline/service-kit';
import { attemptAll, type Attempted } from './attempts.js';
import { apiOf } from './load.js';
import { machine, measuredRow, say } from './report.js';
import { temporaryFolder, untilReady } from './system.js';

const MAIN = new URL('../../services/standalone/dist/main.js', import.meta.url);
const CLIENTS = [8, 64];
const ROUNDS = 3;
const WARM_UP_MS = 1_000;
const SKUS = 1_000;
const UNITS = 1_000_000;

/** How far the standby must be before a commit is answered; without one, the primary's own disk is enough. */
const MODES = [
  ['no standby waited for', '', 'on'],
  ['remote_write: it has received it', '*', 'remote_write'],
  ['on: it is on its disk too', '*', 'on'],
  ['remote_apply: it shows it too', '*', 'remote_apply'],
] as const;

type Pair = { readonly primary: EmbeddedServer; readonly standby: EmbeddedServer };

/** A primary and, from a cold copy of its folder, a standby that streams from it over loopback. */
const startPair = async (folder: string): Promise<Pair> => {
  const [first, second] = [join(folder, 'primary'), join(folder, 'standby')];
  const held = holdFolder(first, 'npm run bench');
  const fresh = await EmbeddedServer.start(held);
  await fresh.stop();
  // With its owners: the server may run as another user than this.
  execFileSync('cp', ['-a', first, second]);
  const cluster = join(second, 'postgres');
  const signal = join(cluster, 'standby.signal');
  writeFileSync(signal, '');
  const { uid, gid } = statSync(cluster);
  chownSync(signal, uid, gid);
  const primary = await EmbeddedServer.start(held);
  const { username, password, hostname, port } = new URL(primary.connectionString);
  const source = `host=${hostname} port=${port} user=${username} password=${password} application_name=standby`;
  const standby = await EmbeddedServer.start(holdFolder(second, 'npm run bench'), {
    settings: [`primary_conninfo=${source}`],
  });
  return { primary, standby };
};

/** Reservations per second and their latency, for each way to wait for a standby, in turn and repeated. */
export const standby = async (port: number, durationMs: number): Promise<void> => {
  say(machine);
  await refuseTakenPort(port);
  const folder = temporaryFolder();
  const pair = await startPair(folder);
  const admin = new Database({
    connectionString: pair.primary.connectionString,
    schema: 'public',
    applicationName: 'bench',
    connectionsMax: 1,
  });
  const child = startSystemOn(pair.primary, port, join(folder, 'system'));
  try {
    await untilReady(`http://127.0.0.1:${port}`, child);
    const key = readFileSync(join(folder, 'system/admin-key'), 'utf8').trim();
    const origin = `http://127.0.0.1:${port}`;
    await seed(origin, key);
    for (const clients of CLIENTS) {
      const measured = MODES.map((): Attempted[] => []);
      for (let round = 0; round < ROUNDS; round += 1)
        for (const [index, [, names, commit]] of MODES.entries()) {
          await switchTo(admin, names, commit);
          await untilReady(origin, child);
          // The first requests meet connections that were ended.
          await reserve(origin, key, clients, WARM_UP_MS);
          const attempted = await reserve(origin, key, clients, durationMs);
          for (const [status, count] of attempted.statuses)
            if (status !== 201) say(`PROBLEM: ${count} answers ${status}`);
          measured[index]!.push(attempted);
        }
      say(`${clients} clients, the middle of ${ROUNDS} rounds`);
      const middle = measured.map(middleOf);
      for (const [index, [name]] of MODES.entries()) {
        const ratio = (middle[index]!.perSecond / middle[0]!.perSecond).toFixed(2);
        say(`${measuredRow(name, middle[index]!)}  ratio ${ratio}`);
      }
    }
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    await switchTo(admin, '', 'on');
    await admin.stop();
    await pair.standby.stop();
    await pair.primary.stop();
  }
};

const middleOf = (rounds: readonly Attempted[]): Attempted =>
  [...rounds].sort((a, b) => a.perSecond - b.perSecond)[rounds.length >> 1]!;

/**
 * Sessions begin with the setting of their database, so those of the system are ended and begun anew. The admin's
 * own stays as it is.
 */
const switchTo = async (admin: Database, names: string, commit: string): Promise<void> => {
  await admin.query(`alter system set synchronous_standby_names = '${names}'`);
  await admin.query('select pg_reload_conf()');
  await admin.query(`alter database postgres set synchronous_commit = '${commit}'`);
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
};

const startSystemOn = ({ connectionString }: EmbeddedServer, port: number, folder: string) =>
  spawn(process.execPath, [fileURLToPath(MAIN), '--port', String(port), '--data-dir', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DATABASE_URL: connectionString },
  });

const seed = async (origin: string, key: string): Promise<void> => {
  const api = apiOf({ origin, key }, 1);
  const address = { country: 'GB', postalCode: 'M1' };
  const place = JSON.stringify({ type: 'warehouse', name: 'One', address });
  await api.call('PUT', '/v1/inventory/locations/one', [200, 201], place);
  const skus = Array.from({ length: SKUS }, (_, index) => `SKU-${index}`);
  const items = JSON.stringify({ items: skus.map((sku) => ({ sku, name: sku })) });
  await api.call('POST', '/v1/inventory/items:batch', [200], items);
  const movements = skus.map((sku) => ({
    movementId: sku,
    type: 'receipt',
    sku,
    locationId: 'one',
    quantity: UNITS,
    reason: 'bench',
  }));
  const body = JSON.stringify({ movements });
  await api.call('POST', '/v1/inventory/movements:batch', [200], body);
  await api.close();
};

/** Checkouts of one unit each, all of which succeed, so that every one waits for a commit. */
const reserve = async (
  origin: string,
  key: string,
  clients: number,
  durationMs: number,
): Promise<Attempted> => {
  const until = performance.now() + durationMs;
  let made = 0;
  const attempted = await attemptAll({
    origin,
    key,
    clients,
    next: () => {
      if (performance.now() > until) return undefined;
      made += 1;
      const lines = [{ sku: `SKU-${made % SKUS}`, quantity: 1 }];
      const body = JSON.stringify({ lines, locationId: 'one' });
      return { path: '/v1/inventory/reservations', body };
    },
  });
  return attempted;
};
