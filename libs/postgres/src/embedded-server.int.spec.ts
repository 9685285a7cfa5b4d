import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@throughline/testing';
import { Database } from './database.js';
import { holdFolder, type HeldFolder } from './held-folder.js';
import {
  clusterVersion,
  createDatabase,
  EmbeddedServer,
  stopAbandonedServer,
} from './embedded-server.js';

const SETTINGS = ['shared_buffers=16MB', 'max_connections=20'];
const START_MS = 60_000;

let parent: string;
let dataFolder: string;
let held: HeldFolder;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'throughline private '), { encoding: 'utf8' });
  dataFolder = join(parent, 'data folder');
  mkdirSync(dataFolder, { mode: 0o700 });
  held = holdFolder(dataFolder, 'spec');
});
afterEach(() => {
  held.release();
  rmSync(parent, { recursive: true, force: true });
});

const open = (connectionString: string): Database =>
  new Database({ connectionString, schema: 'public', applicationName: 'test', connectionsMax: 1 });

/** Asks once, on a connection of its own; undefined while the server is away. */
const ask = async (connectionString: string, sql: string): Promise<object[] | undefined> => {
  const database = open(connectionString);
  try {
    return await database.query(sql);
  } catch {
    return undefined;
  } finally {
    await database.stop();
  }
};
/** A process that has ended but that nobody has waited for has no command line any more. */
const isAlive = (pid: number): boolean => {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`]).includes(dataFolder);
  } catch {
    return false;
  }
};

describe('a server of our own', () => {
  it(
    'starts in a private folder with spaces, keeps its data, and starts again after a kill',
    async () => {
      const deaths: string[] = [];
      const onDeath = (words: string): void => void deaths.push(words);
      const server = await EmbeddedServer.start(held, { settings: SETTINGS, onDeath });
      const url = await createDatabase(server.connectionString, 'shop');
      expect(await createDatabase(server.connectionString, 'shop')).toBe(url);
      await ask(url, 'create table kept as select 7 as number');
      const [settings] = (await ask(
        url,
        `select current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
           current_setting('synchronous_commit') as commit, current_setting('data_checksums') as sums`,
      ))!;
      expect(settings).toEqual({ encoding: 'UTF8', fsync: 'on', commit: 'on', sums: 'on' });

      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      await until(() => deaths.length > 0, { deadlineMs: START_MS });
      expect(
        await until(() => ask(url, 'select number from kept'), { deadlineMs: START_MS }),
      ).toEqual([{ number: 7 }]);
      expect(server.pid).not.toBe(pid);

      await server.stop();
      expect(isAlive(server.pid)).toBe(false);
      expect(existsSync(join(dataFolder, 'postgres', 'postmaster.pid'))).toBe(false);
      expect(clusterVersion(join(dataFolder, 'postgres'))).toBe('18');

      const again = await EmbeddedServer.start(held, { settings: SETTINGS });
      const found = new URL(again.connectionString);
      found.pathname = '/shop';
      expect(await ask(found.toString(), 'select number from kept')).toEqual([{ number: 7 }]);
      await again.stop();
    },
    START_MS,
  );

  it(
    'is made anew where an earlier start was cut off',
    async () => {
      for (const name of ['postgres', 'postgres-unfinished']) {
        mkdirSync(join(dataFolder, name));
        writeFileSync(join(dataFolder, name, 'half'), 'a cluster');
      }
      writeFileSync(join(dataFolder, 'postgres-unfinished', 'PG_VERSION'), '18');
      const server = await EmbeddedServer.start(held, { settings: SETTINGS });
      expect(await ask(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(existsSync(join(dataFolder, 'postgres', 'half'))).toBe(false);
      expect(existsSync(join(dataFolder, 'postgres-unfinished'))).toBe(false);
      await server.stop();
    },
    START_MS,
  );

  it(
    'says why it does not start',
    async () => {
      const start = EmbeddedServer.start(held, { settings: ['no_such_setting=1'] });
      await expect(start).rejects.toThrow(/did not start:[^]*no_such_setting/);
    },
    START_MS,
  );
});

describe('a server that a killed process left behind', () => {
  const library = new URL('../dist/index.js', import.meta.url).href;
  const script = `
    const { EmbeddedServer, holdFolder } = await import(process.argv[1]);
    const server = await EmbeddedServer.start(holdFolder(process.argv[2], 'spec'), { settings: ${JSON.stringify(SETTINGS)} });
    console.log(server.pid);
    setInterval(() => undefined, 1000);`;

  /** A process takes hold of the folder, starts a server and is killed; holds the folder again. */
  const leaveBehind = async (): Promise<number> => {
    held.release();
    const owner = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      library,
      dataFolder,
    ]);
    const pid = await new Promise<number>((resolve, reject) => {
      owner.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
      owner.once('exit', () => reject(new Error('The owner ended early')));
    });
    owner.removeAllListeners('exit');
    const ended = new Promise((resolve) => owner.once('exit', resolve));
    owner.kill('SIGKILL');
    await ended;
    held = holdFolder(dataFolder, 'spec');
    return pid;
  };

  it(
    'is stopped, by itself or when the next one starts',
    async () => {
      const first = await leaveBehind();
      expect(isAlive(first)).toBe(true);
      await stopAbandonedServer(held);
      expect(isAlive(first)).toBe(false);

      const second = await leaveBehind();
      const server = await EmbeddedServer.start(held, { settings: SETTINGS });
      expect(isAlive(second)).toBe(false);
      expect(await ask(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
      await server.stop();
    },
    START_MS,
  );

  it('is not mistaken for another process with its id', async () => {
    mkdirSync(join(dataFolder, 'postgres'));
    const values = ['-e', 'setInterval(() => undefined, 1000)', 'postgres', '-D', '/elsewhere'];
    const stranger: ChildProcess = spawn(process.execPath, values, { stdio: 'ignore' });
    const pidFile = join(dataFolder, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, `${stranger.pid}\n`);
    await stopAbandonedServer(held);
    process.kill(stranger.pid!, 0);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    const ended = new Promise((resolve) => stranger.once('exit', resolve));
    stranger.kill('SIGKILL');
    await ended;
    await stopAbandonedServer(held);
    writeFileSync(pidFile, 'garbage');
    await stopAbandonedServer(held);
  });
});
