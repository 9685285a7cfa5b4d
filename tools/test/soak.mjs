// More of what `crashes.int.spec.ts` does: histories of commands with crashes, one seed after the other, for a while.
// `npm run soak -- ledger --minutes 30 --seed 1`
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const root = join(import.meta.dirname, '../..');
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    'services/inventory/src/ledger/crashes.int.spec.ts',
  ],
  {
    cwd: root,
    env: { ...process.env, SOAK_MINUTES: values.minutes, SOAK_SEED: values.seed },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
