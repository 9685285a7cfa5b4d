import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdFolder, makeFolder } from './held-folder.js';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'throughline held '));
  folder = join(parent, 'some', 'data');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const LIBRARY = new URL('../dist/index.js', import.meta.url).href;
const HOLDS = `
  const { holdFolder } = await import(process.argv[1]);
  holdFolder(process.argv[2], 'npm run services');
  console.log('held');
  setInterval(() => undefined, 1000);`;

/** Another process that holds the folder. */
const another = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDS, LIBRARY, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // The output of one that is refused ends without a word.
  const words = once(child.stdout, 'data').then(([data]) => String(data));
  const isHeld = await Promise.race([words, once(child.stdout, 'end').then(() => 'refused')]);
  if (isHeld !== 'held\n') throw new Error(isHeld);
  return child;
};
const killed = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

describe('a held folder', () => {
  it('is refused to all others, with the name of its holder, until it is let go', () => {
    const held = holdFolder(folder, 'npm start');
    expect(() => holdFolder(folder, 'npm start')).toThrow(
      `${folder} is in use by a running "npm start" (process ${process.pid})`,
    );
    held.release();
    held.release();
    expect(existsSync(join(folder, 'throughline.pid'))).toBe(false);
    holdFolder(folder, 'npm start').release();
  });

  it('belongs to its process while that lives, frozen or not, and is free when it was killed', async () => {
    const owner = await another();
    const refusal = `in use by a running "npm run services" (process ${owner.pid})`;
    expect(() => holdFolder(folder, 'npm start')).toThrow(refusal);
    owner.kill('SIGSTOP');
    expect(() => holdFolder(folder, 'npm start')).toThrow(refusal);
    await killed(owner);
    // What it left says its number, which any process may have now: this one, for example.
    expect(readFileSync(join(folder, 'throughline.pid'), 'utf8')).toContain(`${owner.pid}`);
    writeFileSync(join(folder, 'throughline.pid'), `${process.pid} npm run services\n`);
    const held = holdFolder(folder, 'npm start');
    expect(readFileSync(join(folder, 'throughline.pid'), 'utf8')).toBe(
      `${process.pid} npm start\n`,
    );
    held.release();
  });

  it('goes to one of many that start at the same time', async () => {
    const starts = await Promise.allSettled([another(), another(), another()]);
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const start of starts) if (start.status === 'fulfilled') await killed(start.value);
  });
});

describe('a folder that cannot be', () => {
  it.each([
    ['a file', () => join(parent, 'file'), /is no folder/],
    ['below a file', () => join(parent, 'file', 'data'), /file is no folder/],
    [
      'where the system keeps none',
      () => '/proc/x/y',
      /\/proc\/x cannot be made: .*no folders there/,
    ],
    ['where the system lets nothing in', () => '/proc/self', /\/proc\/\S+ cannot be used: /],
  ])('says why: %s', (_, path, reason) => {
    writeFileSync(join(parent, 'file'), '');
    expect(() => holdFolder(path(), 'npm start')).toThrow(reason);
  });

  it('is made with its parents where it can, as often as one likes', () => {
    makeFolder(folder);
    makeFolder(folder);
    expect(existsSync(folder)).toBe(true);
  });
});
