import {
  appendInTransaction,
  type Cause,
  type NewEvent,
  type Position,
} from '@throughline/event-store';
import { contentHash, derivedId } from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
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

const UPSERT_ITEMS = `
  insert into items (sku, version, document, updated_at)
  select *, $4::timestamptz from unnest($1::text[], $2::bigint[], $3::jsonb[]) as row (sku, version, document)
  order by sku
  on conflict (sku) do update
    set version = excluded.version, document = excluded.document, updated_at = excluded.updated_at`;

const UPSERT_LOCATION = `
  insert into locations (location_id, version, document, active, updated_at)
  values ($1, $2, $3, $4, $5)
  on conflict (location_id) do update set version = excluded.version, document = excluded.document,
    active = excluded.active, updated_at = excluded.updated_at`;

type Row<Document> = { id: string; version: number; document: Document };

/** Items and locations; every change of one is an event of its own stream, in the same transaction. */
export const catalogOf = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Catalog => {
  const change = async (work: (tx: PoolClient) => Promise<Put>): Promise<Put> => {
    const put = await database.transaction(work);
    if (put.position !== undefined) committed();
    return put;
  };

  return {
    putItems: (items, cause) =>
      change(async (tx) => {
        // Nobody else may give the same version to something else, also where there is no row to lock yet.
        await tx.query('lock table items in share row exclusive mode');
        const { rows } = await tx.query<Row<Item>>(
          'select sku as id, version, document from items where sku = any($1)',
          [[...items.keys()]],
        );
        const { created, changed } = differences(items, rows);
        const at = now();
        if (changed.length > 0)
          await tx.query(UPSERT_ITEMS, [
            changed.map(({ id }) => id),
            changed.map(({ version }) => version),
            changed.map(({ document }) => JSON.stringify(document)),
            at,
          ]);
        const events = changed.map(({ id, version, document }) =>
          eventOf('item', id, at, cause, {
            type: 'ItemChanged',
            data: { sku: id, version, item: document },
          }),
        );
        return { created, ...(await appended(tx, events)) };
      }),

    putLocation: (locationId, location, cause) =>
      change(async (tx) => {
        await tx.query('lock table locations in share row exclusive mode');
        const { rows } = await tx.query<Row<Location>>(
          'select location_id as id, version, document from locations where location_id = $1',
          [locationId],
        );
        const { created, changed } = differences(new Map([[locationId, location]]), rows);
        const at = now();
        for (const { id, version, document } of changed)
          await tx.query(UPSERT_LOCATION, [
            id,
            version,
            JSON.stringify(document),
            document.active,
            at,
          ]);
        const events = changed.map(({ id, version, document }) =>
          eventOf('location', id, at, cause, {
            type: 'LocationChanged',
            data: { locationId: id, version, location: document },
          }),
        );
        return { created, ...(await appended(tx, events)) };
      }),
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

type Append = { readonly stream: string; readonly events: readonly NewEvent[] };

const eventOf = (
  kind: 'item' | 'location',
  id: string,
  at: string,
  { id: causationId, correlationId, actor, traceparent }: Cause,
  event: CatalogEvent,
): Append => {
  const stream = `${CATALOG_CATEGORY}-${kind}-${id}`;
  const metadata = {
    at,
    causationId,
    correlationId: correlationId ?? causationId,
    ...(actor !== undefined && { actor }),
    ...(traceparent !== undefined && { traceparent }),
  };
  const stored = { ...catalogCodec.encode(event), metadata };
  return {
    stream,
    events: [{ id: derivedId(stream, causationId, event.data.version), ...stored }],
  };
};

const appended = async (
  tx: PoolClient,
  events: readonly Append[],
): Promise<{ position?: Position }> =>
  events.length === 0 ? {} : { position: await appendInTransaction(tx, events) };
