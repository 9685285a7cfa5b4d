import { table } from '@throughline/cli';
import type { CatalogEntry } from './catalog.js';
import type { Result } from './run.js';

const HEAD = ['id', 'capability', 'result', 'time', 'measured'];

const outcome = ({ failure }: Result): string => (failure === undefined ? 'works' : 'FAILED');

const measured = ({ measuredMs, limitMs }: Result): string => {
  if (measuredMs === undefined) return '';
  const limit = limitMs === undefined ? '' : ` of at most ${limitMs} ms`;
  return `${measuredMs.toFixed(0)} ms${limit}`;
};

/** What was found of each capability, what is missing, and why some failed. */
export const tableOf = (results: readonly Result[], catalog: readonly CatalogEntry[]): string => {
  const found = new Map(results.map((result) => [result.id, result]));
  const rows = catalog.flatMap(({ id, title }) => {
    const result = found.get(id);
    if (!result) return [];
    return [
      [id, title, outcome(result), `${(result.tookMs / 1_000).toFixed(1)} s`, measured(result)],
    ];
  });
  const failures = results
    .filter(({ failure }) => failure !== undefined)
    .map(({ id, failure }) => `${id}: ${failure}`);
  return [table([HEAD, ...rows]), ...failures].join('\n\n');
};

/** One line that sums a run up. */
export const summaryOf = (
  results: readonly Result[],
  catalog: readonly CatalogEntry[],
  tested: ReadonlySet<string>,
): string => {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const missing = catalog.filter(({ id }) => !tested.has(id)).length;
  return `${results.length - failed} work, ${failed} failed, ${missing} of ${catalog.length} have no test yet`;
};
