import { pageRequest } from '@throughline/service-kit';
import { AGE_BUCKETS, type AgeingQuery, type ShelfAge } from './ageing.query.js';
import { csvLine } from './csv-report.js';

/** A file is read in larger pages than a list. */
const SHELVES_PER_READ = 1_000;
const HEADER = csvLine(['sku', 'locationId', 'onHand', ...AGE_BUCKETS, 'oldest']);

const lineOf = ({ sku, locationId, onHand, units, oldest }: ShelfAge): string =>
  csvLine([sku, locationId, onHand, ...AGE_BUCKETS.map((bucket) => units[bucket]), oldest]);

/** The whole report, read a page at a time. */
export async function* ageingFile(
  query: AgeingQuery,
  filter: Parameters<AgeingQuery>[0],
  at: string,
): AsyncGenerator<string> {
  yield HEADER;
  let after: readonly unknown[] | undefined;
  do {
    const { items, nextCursor } = await query(filter, at, { limit: SHELVES_PER_READ, after });
    yield items.map(lineOf).join('');
    after = nextCursor === null ? undefined : pageRequest({ cursor: nextCursor }).after;
  } while (after);
}
