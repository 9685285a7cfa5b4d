import type { PoolClient } from 'pg';
import { arrayLiteral } from './array-literal.js';
import type { Kit } from './domain/rows.js';
import type { Part } from './domain/ledger.js';

const KITS = `
  select k.kit_sku, k.sku, k.quantity as per_kit, k.kit_sku = any($1) or w.waits as concerned
  from (
    select kit_sku from kit_components where kit_sku = any($1)
    union
    select kit_sku from kit_components where sku = any($2)
  ) as found
  join kit_components k using (kit_sku)
  cross join lateral (
    select exists (select from backorders b where b.sku = found.kit_sku) as waits
  ) as w
  order by k.kit_sku, k.sku`;

type Row = { kit_sku: string; sku: string; per_kit: number; concerned: boolean };
export type KitsFound = {
  /** Kits that were named, and those that somebody waits for and that a part was named of. */
  readonly kits: readonly Kit[];
  /** Parts of other kits were named too: somebody may come to wait for these. */
  readonly hasOthers: boolean;
};

/** The kits among `named`, and those with parts among `partSkus`, with what they consist of now. */
export const kitsOf = async (
  tx: PoolClient,
  named: ReadonlySet<string>,
  partSkus: ReadonlySet<string>,
): Promise<KitsFound> => {
  if (named.size + partSkus.size === 0) return { kits: [], hasOthers: false };
  const values = [arrayLiteral([...named]), arrayLiteral([...partSkus])];
  const { rows } = await tx.query<Row>({ name: 'ledger-kits', text: KITS, values });
  const parts = new Map<string, Part[]>();
  for (const { kit_sku: kit, sku, per_kit: perKit, concerned } of rows)
    if (concerned) parts.set(kit, [...(parts.get(kit) ?? []), { sku, perKit }]);
  return {
    kits: [...parts].map(([sku, ofKit]) => ({ sku, parts: ofKit })),
    hasOthers: rows.some(({ concerned }) => !concerned),
  };
};
