// The whole test command: format, types, lint with boundary probes, every spec, then random histories. All steps
// run even after one has failed; the last line sums up. `npm test -- PATTERN` runs the matching specs alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const patterns = process.argv.slice(2);
const environment = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };

const run = (name, command, commandArguments) => {
  const startedAt = performance.now();
  const { status } = spawnSync(command, commandArguments, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)\n`);
  return status === 0;
};

const checks =
  patterns.length > 0
    ? []
    : [
        ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
        ['types', 'tsc', ['-p', 'tsconfig.json']],
        ['boundary probes', 'nx', ['run', 'throughline:probe', '--output-style=stream']],
        ['lint', 'nx', ['run', 'throughline:lint', '--output-style=stream']],
      ];
const checkResults = checks.map((check) => run(...check));

const folder = mkdtempSync(join(tmpdir(), 'throughline-jest-'));
const report = join(folder, 'report.json');
const specsPassed = run('specs', process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
  // A handle that some spec leaves open must not keep the verdict back.
  '--forceExit',
  '--json',
  `--outputFile=${report}`,
  ...patterns,
]);
const specs = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(folder, { recursive: true });

// After the specs: what they cover is cheaper to understand there.
if (patterns.length === 0) {
  const histories = ['histories', '--orders', '200', '--kills', '1', '--requests', '2000'];
  checkResults.push(run('histories and fuzz', 'npm', ['run', '-s', 'soak', '--', ...histories]));
}

const passed = checkResults.filter(Boolean).length + (specs?.numPassedTests ?? 0);
const brokenSuites = specs?.numRuntimeErrorTestSuites ?? 1;
const failed =
  checkResults.filter((ok) => !ok).length + (specs?.numFailedTests ?? 0) + brokenSuites;
const skipped = (specs?.numPendingTests ?? 0) + (specs?.numTodoTests ?? 0);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && specsPassed ? 0 : 1);
