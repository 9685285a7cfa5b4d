import {
  appendInTransaction,
  type Cause,
  type NewEvent,
  type Position,
} from '@throughline/event-store';
import { contentHash, derivedId } from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import {
  CATALOG_CATEGORY,
  catalogCodec,
  type CatalogEvent,
  type Item,
  type Location,
} from './catalog.codec.js';

export type Put = {
  /** For each entry, whether it is new. */
  readonly created: readonly boolean[];
  /** Undefined when everything stood there already. */
  readonly position?: Position;
};

export type Catalog = {
  /** Sets items by SKU, all or none; each SKU at most once. What is the same as before changes nothing. */
  putItems(items: ReadonlyMap<string, Item>, cause: Cause): Promise<Put>;
  putLocation(locationId: string, location: Location, cause: Cause): Promise<Put>;
};

type Change<Document> = {
  readonly id: string;
  readonly document: Document;
  readonly version: number;
};
/** What is kept: its table, and the event that tells of a change. */
type Kind<Document> = {
  readonly stream: string;
  readonly table: string;
  readonly read: string;
  readonly write: string;
  eventOf(change: Change<Document>): CatalogEvent;
};

const ITEMS: Kind<Item> = {
  stream: `${CATALOG_CATEGORY}-item`,
  table: 'items',
  read: 'select sku as id, version, document from items where sku = any($1)',
  // In the order of SKUs, as the ledger locks them.
  write: `
    insert into items (sku, version, document, updated_at)
    select id, version, document, $4::timestamptz
    from unnest($1::text[], $2::bigint[], $3::jsonb[]) as row (id, version, document) order by id
    on conflict (sku) do update set version = excluded.version, document = excluded.document,
      updated_at = excluded.updated_at`,
  eventOf: ({ id, version, document }) => ({
    type: 'ItemChanged',
    data: { sku: id, version, item: document },
  }),
};

const LOCATIONS: Kind<Location> = {
  stream: `${CATALOG_CATEGORY}-location`,
  table: 'locations',
  read: 'select location_id as id, version, document from locations where location_id = any($1)',
  write: `
    insert into locations (location_id, version, document, active, updated_at)
    select id, version, document, (document ->> 'active')::boolean, $4::timestamptz
    from unnest($1::text[], $2::bigint[], $3::jsonb[]) as row (id, version, document) order by id
    on conflict (location_id) do update set version = excluded.version,
      document = excluded.document, active = excluded.active, updated_at = excluded.updated_at`,
  eventOf: ({ id, version, document }) => ({
    type: 'LocationChanged',
    data: { locationId: id, version, location: document },
  }),
};

type Row<Document> = { id: string; version: number; document: Document };

/** Items and locations; every change of one is an event of its own stream, in the same transaction. */
export const catalogOf = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Catalog => {
  const put = async <Document>(
    kind: Kind<Document>,
    documents: ReadonlyMap<string, Document>,
    cause: Cause,
  ): Promise<Put> => {
    const at = now();
    const done = await database.transaction(async (tx) => {
      // Nobody else may give the same version to something else, also where there is no row to lock yet.
      await tx.query(`lock table ${kind.table} in share row exclusive mode`);
      const { rows } = await tx.query<Row<Document>>(kind.read, [[...documents.keys()]]);
      const { created, changed } = differences(documents, rows);
      if (changed.length === 0) return { created };
      await tx.query(kind.write, [
        changed.map(({ id }) => id),
        changed.map(({ version }) => version),
        changed.map(({ document }) => JSON.stringify(document)),
        at,
      ]);
      const appends = changed.map((change) => appendOf(kind, change, at, cause));
      return { created, position: await appendInTransaction(tx, appends) };
    });
    if (done.position !== undefined) committed();
    return done;
  };
  return {
    putItems: (items, cause) => put(ITEMS, items, cause),
    putLocation: (id, location, cause) => put(LOCATIONS, new Map([[id, location]]), cause),
  };
};

const differences = <Document>(
  wanted: ReadonlyMap<string, Document>,
  rows: readonly Row<Document>[],
) => {
  const known = new Map(rows.map((row) => [row.id, row]));
  const entries = [...wanted].map(([id, document]) => ({ id, document, before: known.get(id) }));
  return {
    created: entries.map(({ before }) => before === undefined),
    changed: entries
      .filter(({ document, before }) => contentHash(document) !== contentHash(before?.document))
      .map(({ id, document, before }) => ({ id, document, version: (before?.version ?? 0) + 1 })),
  };
};

const appendOf = <Document>(
  kind: Kind<Document>,
  change: Change<Document>,
  at: string,
  { id: causationId, correlationId, actor, traceparent }: Cause,
): { readonly stream: string; readonly events: readonly NewEvent[] } => {
  const stream = `${kind.stream}-${change.id}`;
  const metadata = {
    at,
    causationId,
    correlationId: correlationId ?? causationId,
    ...(actor !== undefined && { actor }),
    ...(traceparent !== undefined && { traceparent }),
  };
  const id = derivedId(stream, causationId, change.version);
  return { stream, events: [{ id, ...catalogCodec.encode(kind.eventOf(change)), metadata }] };
};
