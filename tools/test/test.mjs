// The whole test command: format, types, lint with boundary probes, every spec, then random histories. All steps
// run even after one has failed; the last line sums up. `npm test -- PATTERN` runs the matching specs alone.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');
const patterns = process.argv.slice(2);
const environment = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };

const exitOf = (child) =>
  new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });

/** Runs a command and says how it ended; one that runs beside others says at its end what it has to say. */
const run = async (name, command, commandArguments, { isBesideOthers = false } = {}) => {
  const startedAt = performance.now();
  const child = spawn(command, commandArguments, {
    cwd: root,
    env: environment,
    stdio: isBesideOthers ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32',
  });
  const words = isBesideOthers ? [text(child.stdout), text(child.stderr)] : [];
  const code = await exitOf(child);
  for (const part of await Promise.all(words)) if (code !== 0) process.stdout.write(part);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)\n`);
  return code === 0;
};

const oneByOne = async (...commands) => {
  const results = [];
  for (const command of commands) results.push(await run(...command, { isBesideOthers: true }));
  return results;
};
const checks = async () => {
  const lanes = await Promise.all([
    oneByOne(
      ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
      ['types', 'tsc', ['-p', 'tsconfig.json']],
    ),
    oneByOne(
      ['boundary probes', 'nx', ['run', 'throughline:probe', '--output-style=stream']],
      ['lint', 'nx', ['run', 'throughline:lint', '--output-style=stream']],
    ),
  ]);
  return lanes.flat();
};
const checkResults = patterns.length > 0 ? [] : await checks();

const folder = mkdtempSync(join(tmpdir(), 'throughline-jest-'));
const report = join(folder, 'report.json');
const specsPassed = await run('specs', process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
  '--json',
  `--outputFile=${report}`,
  ...patterns,
]);
const specs = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(folder, { recursive: true });

const SLOWEST = 10;
const secondsOf = ({ startTime, endTime }) => (endTime - startTime) / 1000;
const slowest = (specs?.testResults ?? [])
  .toSorted((one, other) => secondsOf(other) - secondsOf(one))
  .slice(0, SLOWEST);
console.log('The slowest specs:');
for (const spec of slowest)
  console.log(`${secondsOf(spec).toFixed(1).padStart(7)} s  ${relative(root, spec.name)}`);
console.log();

// After the specs: what they cover is cheaper to understand there.
if (patterns.length === 0) {
  const histories = ['histories', '--orders', '200', '--kills', '1', '--requests', '2000'];
  checkResults.push(
    await run('histories and fuzz', 'npm', ['run', '-s', 'soak', '--', ...histories]),
  );
}

const passed = checkResults.filter(Boolean).length + (specs?.numPassedTests ?? 0);
const brokenSuites = specs?.numRuntimeErrorTestSuites ?? 1;
const failed =
  checkResults.filter((ok) => !ok).length + (specs?.numFailedTests ?? 0) + brokenSuites;
const skipped = (specs?.numPendingTests ?? 0) + (specs?.numTodoTests ?? 0);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && specsPassed ? 0 : 1);
