import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROMETHEUS, ROOT } from './alerts.fixtures.js';

const CACHE = join(ROOT, 'node_modules/.cache/throughline');
const DOWNLOAD_TIMEOUT_MS = 90_000;
const RUN_TIMEOUT_MS = 110_000;
const run = promisify(execFile);

const works = async (program: string): Promise<boolean> => {
  try {
    await run(program, ['--version'], { timeout: RUN_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
};

/** Debian's package without installing it: no right is needed, and no server starts. */
const downloaded = async (program: string): Promise<void> => {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'prometheus-'));
  const settings = { cwd: folder, timeout: DOWNLOAD_TIMEOUT_MS };
  const download = () => run('apt-get', ['download', 'prometheus'], settings);
  try {
    // A machine that has no lists of packages yet gets them, where that is allowed.
    await download().catch(async () => {
      await run('apt-get', ['update'], settings);
      await download();
    });
    const deb = readdirSync(folder).find((file) => file.endsWith('.deb'));
    if (!deb) throw new Error('apt-get left no package');
    await run('dpkg-deb', ['--extract', deb, '.'], settings);
    renameSync(join(folder, 'usr/bin/promtool'), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Prometheus' own tool: from the path, the cache, or Debian's package; else the reason why there is none. */
export const findPromtool = async (): Promise<{ program?: string; reason?: string }> => {
  if (await works('promtool')) return { program: 'promtool' };
  const program = join(CACHE, 'promtool');
  try {
    if (!existsSync(program)) await downloaded(program);
    await run(program, ['--version'], { timeout: RUN_TIMEOUT_MS });
    return { program };
  } catch (error) {
    return { reason: `promtool is not on the path and not to be had: ${(error as Error).message}` };
  }
};

/** Runs it in the folder of the rules; throws with its words. */
export const promtool = async (program: string, ...options: readonly string[]): Promise<string> => {
  try {
    return (await run(program, options, { cwd: PROMETHEUS, timeout: RUN_TIMEOUT_MS })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & Record<string, string>;
    throw new Error(`${message}\n${stdout}${stderr}`, { cause: error });
  }
};
