import type { Database } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import type { Check, Difference } from './check.js';
import { CLAIM_CHECKS } from './claim-checks.query.js';
import { KIT_CHECKS } from './kit-checks.query.js';
import { QUEUE_CHECKS } from './queue-checks.query.js';
import { SHELF_CHECKS } from './shelf-checks.query.js';
import { SUPPLY_CHECKS } from './supply-checks.query.js';

const SKUS_PER_PAGE = 200;

/** In the order in which they are repaired: claims decide what shelves hold, so shelves come last. */
export const CHECKS: readonly Check[] = [
  ...CLAIM_CHECKS,
  ...KIT_CHECKS,
  ...QUEUE_CHECKS,
  ...SUPPLY_CHECKS,
  ...SHELF_CHECKS,
];

// All statements see one moment, so batches that commit in between cannot make a difference.
const ONE_MOMENT = 'set transaction isolation level repeatable read, read only';

const LAST = `
  select max(sku) as last, count(*) as found from (
    select sku from items where sku > $1 order by sku limit ${SKUS_PER_PAGE}
  ) as page`;

export type CheckedPage = {
  readonly differences: readonly Difference[];
  /** The last SKU that was looked at; null when there are no more. */
  readonly last: string | null;
};

/** The first text after a SKU: texts compare by their bytes, and none has a NUL. */
export const afterSku = (sku: string): string => `${sku}\u0001`;
/** After every SKU, also those that no catalogue has. */
const END = '\u{10FFFF}';

const before = (a: Difference, b: Difference): number => {
  const [one, other] = [a, b].map(({ sku, locationId, orderId, lineId }) =>
    JSON.stringify([sku, locationId, orderId, lineId]),
  );
  return one! < other! ? -1 : one! > other! ? 1 : 0;
};

/** What the checks find of the SKUs from one on and before another, by check. */
export const differencesOf = async (
  tx: PoolClient,
  from: string,
  to: string,
  now: string,
): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (const { name, sql } of CHECKS) {
    const usesTime = sql.includes('$3');
    const values = usesTime ? [from, to, now] : [from, to];
    const { rows } = await tx.query<Omit<Difference, 'check'>>({
      name: `check-${name}`,
      text: sql,
      values,
    });
    const differences = rows.map((row): Difference => ({ check: name, ...row }));
    found.push(...differences.sort(before));
  }
  return found;
};

/** Looks through the next SKUs after one ('' to begin) for what contradicts itself. */
export const checkSkus = (database: Database, after: string, now: string): Promise<CheckedPage> =>
  database.transaction(async (tx) => {
    await tx.query(ONE_MOMENT);
    const { rows } = await tx.query<{ last: string | null; found: number }>(LAST, [after]);
    const { last, found } = rows[0]!;
    const isEnd = last === null || found < SKUS_PER_PAGE;
    const from = after === '' ? '' : afterSku(after);
    const differences = await differencesOf(tx, from, isEnd ? END : afterSku(last), now);
    return { differences, last: isEnd ? null : last };
  });

/** Everything in the ledger that contradicts itself; nothing when all is well. */
export const checkLedger = async (
  database: Database,
  now: string,
): Promise<readonly Difference[]> => {
  const found: Difference[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: CheckedPage = await checkSkus(database, after, now);
    found.push(...page.differences);
    after = page.last;
  }
  return found;
};
