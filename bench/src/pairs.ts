import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { capture, flow, ReleaseWatch, type Costed } from './flow.js';
import { apiOf, percentile } from './load.js';
import { seedStock } from './orders.js';
import { rounded, say } from './report.js';
import { startSystem, temporaryFolder } from './system.js';

const CONNECTIONS = 32;
const LINES = 3;

type Run = { readonly captured: Costed; readonly released: Costed };

/** What one start of a checkout's build reaches, on a data folder of its own. */
const measure = async (
  checkout: string,
  { port, orders, durationMs }: Pick<Pairs, 'port' | 'orders' | 'durationMs'>,
): Promise<Run> => {
  const folder = temporaryFolder();
  const main = join(checkout, 'services/standalone/dist/main.js');
  const system = await startSystem(port, join(folder, 'data'), main);
  const api = apiOf(system, 4);
  try {
    await seedStock(api);
    const watch = new ReleaseWatch(api);
    const released = await flow(system, 'pairs-flow', orders, watch);
    const captured = await capture(system, 'pairs', CONNECTIONS, LINES, durationMs);
    return { captured, released };
  } finally {
    await api.close();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const FIGURES: readonly (readonly [string, (run: Run) => number])[] = [
  ['capture, per second', ({ captured }) => captured.perSecond],
  ['capture, Node ms per order', ({ captured }) => captured.nodeMsPerOrder],
  ['POST to released, per second', ({ released }) => released.perSecond],
  ['POST to released, Node ms per order', ({ released }) => released.nodeMsPerOrder],
  ['POST to released, Postgres ms per order', ({ released }) => released.postgresMsPerOrder],
];

export type Pairs = {
  readonly port: number;
  readonly orders: number;
  readonly durationMs: number;
  /** How often each checkout is measured. */
  readonly pairs: number;
  /** Folder of the other checkout, built. */
  readonly against: string;
};

/**
 * Measures this checkout and another in turn, each pair in the other order than the one before, and prints per figure the
 * ratio this/other pair by pair: median, smallest and largest. Machines drift; ratios of neighbours do not.
 */
export const comparePairs = async (options: Pairs): Promise<void> => {
  const here = resolve(import.meta.dirname, '../..');
  const there = resolve(options.against);
  const runs: { readonly here: Run; readonly there: Run }[] = [];
  for (let pair = 0; pair < options.pairs; pair += 1) {
    const isHereFirst = pair % 2 === 0;
    const first = await measure(isHereFirst ? here : there, options);
    const second = await measure(isHereFirst ? there : here, options);
    runs.push(isHereFirst ? { here: first, there: second } : { here: second, there: first });
    say(`pair ${pair + 1} of ${options.pairs}`);
    for (const [name, of] of FIGURES) {
      const { here: mine, there: other } = runs.at(-1)!;
      say(`  ${name.padEnd(42)}${rounded(of(mine), 2)} / ${rounded(of(other), 2)}`);
    }
  }
  say('\nthis / other: median ratio (smallest to largest), medians');
  for (const [name, of] of FIGURES) {
    const ratios = runs.map((run) => of(run.here) / of(run.there));
    const median = (side: 'here' | 'there'): string =>
      rounded(
        percentile(
          runs.map((run) => of(run[side])),
          0.5,
        ),
        2,
      );
    const [least, middle, most] = [0, 0.5, 1].map((share) => percentile(ratios, share).toFixed(3));
    say(
      `${name.padEnd(42)}${middle} (${least} to ${most})  ${median('here')} / ${median('there')}`,
    );
  }
};
