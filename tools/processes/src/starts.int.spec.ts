import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '@throughline/kernel';
import { holdFolder } from '@throughline/postgres';
import { createLogger } from '@throughline/service-kit';
import { startStandalone } from '@throughline/standalone';
import { startProcesses } from './processes.js';

type Start = (port: number, dataFolder: string) => Promise<unknown>;

const standalone =
  (reset: boolean): Start =>
  (port, dataFolder) => {
    const { DATABASE_URL: databaseUrl } = process.env;
    const options = { port, dataFolder, reset, databaseUrl, oidc: undefined, trustedProxies: [] };
    return startStandalone(options, createLogger('silent'));
  };
const STARTS: readonly (readonly [string, Start])[] = [
  ['npm start', standalone(false)],
  ['npm start -- --reset', standalone(true)],
  [
    'npm run services',
    (port, dataFolder) =>
      startProcesses(
        { port, dataFolder, replicas: 1, split: false },
        () => undefined,
        new AbortController().signal,
      ),
  ],
];
const ROOT = join(import.meta.dirname, '../../..');

/** What a program of this workspace says on its way out, and its exit code. */
const run = (program: string, ...values: readonly string[]) =>
  new Promise<{ code: number | null; words: string }>((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, program), ...values], {
      env: { ...process.env, KAFKA_BROKERS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (part: Buffer) => (words += part.toString()));
    child.once('close', (code) => resolve({ code, words }));
  });
const HOLDERS = ['npm start', 'npm run services', 'npm run kafka', 'npm run chaos'];

let folder: string;
let taken: number;
const server = createServer();
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  taken = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline start '));
});
afterEach(() => {
  delete process.env.DATABASE_URL;
  rmSync(folder, { recursive: true, force: true });
});

/** A port that was free just now; a start that is refused never listens on it. */
const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '0.0.0.0', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

describe.each(STARTS)('%s', (_, start) => {
  it.each(HOLDERS)('is refused on a folder that %s holds, which stays as it is', async (holder) => {
    const held = holdFolder(folder, holder);
    writeFileSync(join(folder, 'throughline-format'), '1 postgres-18\n');
    writeFileSync(join(folder, 'admin-key'), 'secret');
    await expect(start(await freePort(), folder)).rejects.toThrow(
      `${folder} is in use by a running "${holder}" (process ${process.pid}); choose another`,
    );
    expect(existsSync(join(folder, 'admin-key'))).toBe(true);
    expect(existsSync(join(folder, 'postgres'))).toBe(false);
    held.release();
  });

  it.each([
    ['a file', () => join(folder, 'file'), /file is no folder; choose another/],
    ['below a file', () => join(folder, 'file/data'), /file is no folder; choose another/],
    ['where the system makes none', () => '/proc/x', /\/proc\/x cannot be made: /],
    ['of other files', () => folder, /holds other files/],
  ])('says why it cannot use a folder: %s', async (_case, path, reason) => {
    writeFileSync(join(folder, 'file'), '');
    const refused = start(await freePort(), path());
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toBeInstanceOf(StartError);
  });

  it.each([
    [
      'postgres://ada:secret@127.0.0.1:1/shop',
      'shop at 127.0.0.1:1 does not answer (ECONNREFUSED)',
    ],
    [`${process.env.TEST_POSTGRES_URL}-missing`, 'there is no such database'],
    [`${process.env.TEST_POSTGRES_URL}`.replace(/:[^:@]+@/, ':secret@'), 'the password is wrong'],
    ['secret', 'must be an address such as postgres://user:password@host:5432/database'],
  ])('names the variable of a database that it cannot reach: %#', async (url, reason) => {
    process.env.DATABASE_URL = url;
    const words = await start(await freePort(), folder).catch((error: Error) => error.message);
    expect(words).toMatch(/^DATABASE_URL\b/);
    expect(words).toContain(reason);
    expect(words).not.toContain('secret');
    expect(existsSync(join(folder, 'throughline.lock'))).toBe(false);
  });

  it('is refused on a port that another program has, before it touches its folder', async () => {
    await expect(start(taken, folder)).rejects.toThrow(
      `Port ${taken} is taken by another program; choose another one with --port`,
    );
    expect(existsSync(join(folder, 'throughline.lock'))).toBe(false);
  });
});

/** Each is a program of its own to start, so these look at its last words alone, without a stack. */
describe.each([
  ['bench', 'bench/dist/main.js', []],
  ['chaos', 'chaos/dist/main.js', ['hot-sku']],
])('npm run %s', (_, program, values) => {
  it('never takes the system that has its port for its own', async () =>
    expect(await run(program, ...values, '--port', `${taken}`)).toEqual({
      code: 2,
      words: `Port ${taken} is taken by another program; choose another one with --port\n`,
    }));
});

it('npm run kafka is refused on a folder that npm run services holds', async () => {
  const held = holdFolder(folder, 'npm run services');
  const { code, words } = await run('libs/kafka-broker/dist/main.js', '--data-dir', folder);
  expect(words).toBe(
    `${folder} is in use by a running "npm run services" (process ${process.pid})\n`,
  );
  expect(code).toBe(1);
  held.release();
});
