import type { FieldError } from '@throughline/contracts';
import type { Database } from '@throughline/service-kit';
import type { SupplyBody } from './supply-body.js';

export type KnownGoods = {
  /** What of a supply the catalogue does not know, or cannot be moved. */
  faultsOf(body: SupplyBody): Promise<FieldError[]>;
};

const KNOWN = `
  select 'sku' as what, sku as id, exists (select from kit_components k where k.kit_sku = i.sku) as kit
  from items i where sku = any($1)
  union all
  select 'location', location_id, false from locations where location_id = any($2)`;

type Row = { what: 'sku' | 'location'; id: string; kit: boolean };

export const knownGoods = (database: Database): KnownGoods => ({
  faultsOf: async ({ locationId, fromLocationId, lines }) => {
    const places = { locationId, fromLocationId };
    const skus = [...new Set(lines.map(({ sku }) => sku))];
    const ids = Object.values(places).filter((id) => id !== undefined && id !== null);
    const rows = await database.query<Row>(KNOWN, [skus, ids], 'supply-known-goods');
    const known = new Set(rows.map(({ what, id }) => `${what} ${id}`));
    const kits = new Set(rows.filter(({ kit }) => kit).map(({ id }) => id));
    const unknown = (field: string, id: string, what: string): FieldError[] =>
      known.has(`${what} ${id}`)
        ? []
        : [{ field, code: `unknown-${what}`, message: `${id} is not in the catalogue` }];
    const faults = Object.entries(places).flatMap(([field, id]) =>
      id ? unknown(field, id, 'location') : [],
    );
    lines.forEach(({ sku }, index) => {
      const field = `lines[${index}].sku`;
      const message = `${sku} is a kit: order its components`;
      if (kits.has(sku)) faults.push({ field, code: 'kit-has-no-stock', message });
      else faults.push(...unknown(field, sku, 'sku'));
    });
    return faults;
  },
});
