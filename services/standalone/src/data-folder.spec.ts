import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDataFolder } from './data-folder.js';

const command = 'npm start';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline data '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is marked and held until it is let go', async () => {
    const held = await holdDataFolder(folder, { command });
    expect(readFileSync(join(folder, 'throughline-format'), 'utf8')).toBe('1 postgres-18\n');
    await expect(holdDataFolder(folder, { command: 'npm run services' })).rejects.toThrow(
      `${folder} is in use by a running "npm start" (process ${process.pid}); choose another folder`,
    );
    held.release();
    (await holdDataFolder(folder, { command })).release();
  });

  it('is not reset while another command holds it', async () => {
    const held = await holdDataFolder(folder, { command: 'npm run services' });
    writeFileSync(join(folder, 'admin-key'), 'secret');
    await expect(holdDataFolder(folder, { command, reset: true })).rejects.toThrow(/is in use/);
    expect(existsSync(join(folder, 'admin-key'))).toBe(true);
    held.release();
  });

  it('of somebody else is refused, even to reset', async () => {
    writeFileSync(join(folder, 'thesis.doc'), 'years of work');
    await expect(holdDataFolder(folder, { command, reset: true })).rejects.toThrow(
      /holds other files/,
    );
    expect(existsSync(join(folder, 'thesis.doc'))).toBe(true);
    expect(existsSync(join(folder, 'throughline.lock'))).toBe(false);
  });

  it('of another version is refused with what to do, and let go', async () => {
    writeFileSync(join(folder, 'throughline-format'), '7 postgres-21\n');
    for (let round = 0; round < 2; round += 1)
      await expect(holdDataFolder(folder, { command })).rejects.toThrow(/another version.*--reset/);
  });

  it('is emptied by a reset, and still held', async () => {
    (await holdDataFolder(folder, { command })).release();
    writeFileSync(join(folder, 'admin-key'), 'secret');
    mkdirSync(join(folder, 'logs'));
    const held = await holdDataFolder(folder, { command, reset: true });
    for (const file of ['admin-key', 'logs']) expect(existsSync(join(folder, file))).toBe(false);
    expect(existsSync(join(folder, 'throughline-format'))).toBe(true);
    await expect(holdDataFolder(folder, { command })).rejects.toThrow(/in use by .*npm start/);
    held.release();
  });

  it('of services that an earlier release ran is known without the mark', async () => {
    writeFileSync(join(folder, 'processes.json'), '[]');
    (await holdDataFolder(folder, { command: 'npm run services' })).release();
    expect(existsSync(join(folder, 'throughline-format'))).toBe(true);
  });
});
