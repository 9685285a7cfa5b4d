import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDataFolder } from './data-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline data '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is marked and locked while it is held', async () => {
    const letGo = await holdDataFolder(folder, false);
    expect(readFileSync(join(folder, 'throughline-format'), 'utf8')).toBe('1 postgres-18\n');
    expect(readFileSync(join(folder, 'throughline.pid'), 'utf8')).toBe(`${process.pid}\n`);
    letGo();
    expect(existsSync(join(folder, 'throughline.pid'))).toBe(false);
  });

  it('of somebody else is refused, even to reset', async () => {
    writeFileSync(join(folder, 'thesis.doc'), 'years of work');
    await expect(holdDataFolder(folder, true)).rejects.toThrow(/holds other files/);
    expect(existsSync(join(folder, 'thesis.doc'))).toBe(true);
  });

  it('of another version is refused with what to do', async () => {
    writeFileSync(join(folder, 'throughline-format'), '7 postgres-21\n');
    await expect(holdDataFolder(folder, false)).rejects.toThrow(/another version.*--reset/);
  });

  it('is emptied by a reset', async () => {
    (await holdDataFolder(folder, false))();
    writeFileSync(join(folder, 'admin-key'), 'secret');
    await holdDataFolder(folder, true);
    expect(existsSync(join(folder, 'admin-key'))).toBe(false);
  });

  it('left locked by a process that is gone is taken over', async () => {
    await holdDataFolder(folder, false);
    writeFileSync(join(folder, 'throughline.pid'), '999999999\n');
    await expect(holdDataFolder(folder, false)).resolves.toBeInstanceOf(Function);
  });
});
