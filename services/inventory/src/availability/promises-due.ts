import type { PoolClient } from 'pg';
import { arrayLiteral } from '../ledger/array-literal.js';
import type { LedgerChanges } from '../ledger/domain/ledger.decider.js';

const MARK = 'select mark_promises_due($1)';

/**
 * Notes, in the ledger's transaction, for which SKUs those who wait may have to be promised another time: their
 * queue changed, or somebody moved stock that they may get. What supplies, lead times and locations change is
 * noted by the database itself.
 */
export const markPromisesDue = async (
  tx: PoolClient,
  { backorders, movements }: Pick<LedgerChanges, 'backorders' | 'movements'>,
): Promise<void> => {
  const skus = new Set(backorders.map(({ sku }) => sku));
  for (const { sku, answer } of movements) if (answer !== null) skus.add(sku);
  if (skus.size === 0) return;
  await tx.query({ name: 'mark-promises-due', text: MARK, values: [arrayLiteral([...skus])] });
};
