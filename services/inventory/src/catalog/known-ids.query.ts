import type { Database } from '@throughline/service-kit';

export type NamedIds = {
  readonly skus?: readonly string[];
  readonly locationIds?: readonly string[];
};
/** Of the ids that a request names those that nothing here has ever had, SKUs first. */
export type UnknownIds = (named: NamedIds) => Promise<readonly string[]>;

// Earlier releases kept stock of SKUs that no catalogue lists.
const UNKNOWN = `
  select id from (
    select id, 1 as kind from unnest($1::text[]) as named (id)
    where not exists (select from items where sku = id)
      and not exists (select from balances where sku = id)
    union all
    select id, 2 from unnest($2::text[]) as named (id)
    where not exists (select from locations where location_id = id)
  ) as unknown order by kind, id`;

export const unknownIds =
  (database: Database): UnknownIds =>
  async ({ skus = [], locationIds = [] }) => {
    if (skus.length + locationIds.length === 0) return [];
    const rows = await database.query<{ id: string }>(UNKNOWN, [skus, locationIds], 'unknown-ids');
    return rows.map(({ id }) => id);
  };
