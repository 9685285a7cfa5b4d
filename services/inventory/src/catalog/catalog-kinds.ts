import type { FieldError } from '@throughline/contracts';
import { timestampOf } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { CATALOG_CATEGORY, type CatalogEvent, type Item, type Location } from './catalog.codec.js';
import { refusedKits, writeKits } from './kits.js';
import { isOpenAt, turnsAfter } from './location-times.js';

/** What is to stand in the catalogue, and what stood there before. */
export type Entry<Document> = {
  readonly id: string;
  readonly document: Document;
  readonly before?: { readonly document: Document; readonly version: number };
};
export type Change<Document> = Entry<Document> & { readonly version: number };
export type Refused = ReadonlyMap<string, readonly FieldError[]>;

/** What is kept: its table, and the event that tells of a change. */
export type Kind<Document> = {
  readonly stream: string;
  readonly table: string;
  readonly read: string;
  /** Which of the entries the rest of the catalogue, or the ledger, does not allow. */
  refuse(tx: PoolClient, entries: readonly Entry<Document>[]): Promise<Refused>;
  write(tx: PoolClient, changes: readonly Change<Document>[], at: string): Promise<void>;
  eventOf(change: Change<Document>, at: string): CatalogEvent;
};

// In the order of SKUs, as the ledger locks them.
const WRITE_ITEMS = `
  insert into items (sku, version, document, updated_at)
  select id, version, document, $4::timestamptz
  from unnest($1::text[], $2::bigint[], $3::jsonb[]) as row (id, version, document) order by id
  on conflict (sku) do update set version = excluded.version, document = excluded.document,
    updated_at = excluded.updated_at`;

const WRITE_LOCATIONS = `
  insert into locations (location_id, version, document, active, turns_at, updated_at)
  select id, version, document, active, turns_at, $6::timestamptz
  from unnest($1::text[], $2::bigint[], $3::jsonb[], $4::boolean[], $5::timestamptz[])
    as row (id, version, document, active, turns_at) order by id
  on conflict (location_id) do update set version = excluded.version,
    document = excluded.document, active = excluded.active, turns_at = excluded.turns_at,
    updated_at = excluded.updated_at`;

const columnsOf = (changes: readonly Change<unknown>[]): unknown[] => [
  changes.map(({ id }) => id),
  changes.map(({ version }) => version),
  changes.map(({ document }) => JSON.stringify(document)),
];

export const ITEMS: Kind<Item> = {
  stream: `${CATALOG_CATEGORY}-item`,
  table: 'items',
  read: 'select sku as id, version, document from items where sku = any($1)',
  refuse: refusedKits,
  write: async (tx, changes, at) => {
    await tx.query(WRITE_ITEMS, [...columnsOf(changes), at]);
    await writeKits(tx, changes);
  },
  eventOf: ({ id, version, document }) => ({
    type: 'ItemChanged',
    data: { sku: id, version, item: document },
  }),
};

export const LOCATIONS: Kind<Location> = {
  stream: `${CATALOG_CATEGORY}-location`,
  table: 'locations',
  read: 'select location_id as id, version, document from locations where location_id = any($1)',
  refuse: () => Promise.resolve(new Map()),
  write: async (tx, changes, at) => {
    await tx.query(WRITE_LOCATIONS, [
      ...columnsOf(changes),
      changes.map(({ document }) => isOpenAt(document, at)),
      changes.map(({ document }) => {
        const turnsAt = turnsAfter(document, at);
        return turnsAt && timestampOf(turnsAt);
      }),
      at,
    ]);
  },
  eventOf: ({ id, version, document }, at) => ({
    type: 'LocationChanged',
    data: { locationId: id, version, location: document, open: isOpenAt(document, at) },
  }),
};
