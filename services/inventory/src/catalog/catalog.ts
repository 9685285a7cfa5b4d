import {
  appendInTransaction,
  askerOf,
  type Cause,
  type NewEvent,
  type Position,
} from '@throughline/event-store';
import { contentHash, derivedId, newId } from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import type { PoolClient } from 'pg';
import {
  ITEMS,
  LOCATIONS,
  type Change,
  type Entry,
  type Kind,
  type Refused,
} from './catalog-kinds.js';
import { catalogCodec, type Item, type Location } from './catalog.codec.js';

export type Put = {
  /** For each entry, whether it is new. */
  readonly created: readonly boolean[];
  /** What is wrong with entries that were left as they are. */
  readonly refused: Refused;
  /** Undefined when everything stood there already. */
  readonly position?: Position;
};

export type Catalog = {
  /**
   * Sets items by SKU in one transaction; each SKU at most once. What is the same as before changes nothing, and
   * what is refused keeps nothing else out. A kit's components must stand there, or in the batch before it.
   */
  putItems(items: ReadonlyMap<string, Item>, cause: Cause): Promise<Put>;
  putLocation(locationId: string, location: Location, cause: Cause): Promise<Put>;
  /** Locations whose time has come, or is over, take part from now on, or no longer. Answers how many. */
  turnLocations(): Promise<number>;
};

type Row<Document> = { id: string; version: number; document: Document };

/** Who changes locations when their time comes. */
const SCHEDULE = { actor: 'schedule', actorId: 'system' };
const TURNS_MAX = 100;
const IS_DUE = 'select from locations where turns_at <= $1 limit 1';
const DUE = `
  select location_id as id, version, document from locations where turns_at <= $1
  order by location_id limit ${TURNS_MAX}`;

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
      await lock(tx, kind);
      const { rows } = await tx.query<Row<Document>>(kind.read, [[...documents.keys()]]);
      const entries = entriesOf(documents, rows);
      const refused = await kind.refuse(tx, entries);
      const changes = changesOf(entries.filter(({ id }) => !refused.has(id)));
      const created = entries.map(({ before }) => before === undefined);
      const position = await write(tx, kind, changes, at, cause);
      return { created, refused, ...(position !== undefined && { position }) };
    });
    if (done.position !== undefined) committed();
    return done;
  };
  return {
    putItems: (items, cause) => put(ITEMS, items, cause),
    putLocation: (id, location, cause) => put(LOCATIONS, new Map([[id, location]]), cause),
    turnLocations: async () => {
      const at = now();
      if ((await database.query(IS_DUE, [at], 'locations-due')).length === 0) return 0;
      const turned = await database.transaction(async (tx) => {
        await lock(tx, LOCATIONS);
        const { rows } = await tx.query<Row<Location>>(DUE, [at]);
        const changes = rows.map((row) => ({ ...row, before: row, version: row.version + 1 }));
        await write(tx, LOCATIONS, changes, at, { id: newId(), ...SCHEDULE });
        return changes.length;
      });
      if (turned > 0) committed();
      return turned;
    },
  };
};

/** Nobody else may give the same version to something else, also where there is no row to lock yet. */
const lock = (tx: PoolClient, { table }: Pick<Kind<unknown>, 'table'>) =>
  tx.query(`lock table ${table} in share row exclusive mode`);

const entriesOf = <Document>(
  wanted: ReadonlyMap<string, Document>,
  rows: readonly Row<Document>[],
): Entry<Document>[] => {
  const known = new Map(rows.map((row) => [row.id, row]));
  return [...wanted].map(([id, document]) => {
    const before = known.get(id);
    return { id, document, ...(before && { before }) };
  });
};

const changesOf = <Document>(entries: readonly Entry<Document>[]): Change<Document>[] =>
  entries
    .filter(({ document, before }) => contentHash(document) !== contentHash(before?.document))
    .map((entry) => ({ ...entry, version: (entry.before?.version ?? 0) + 1 }));

/** Writes changes and tells of them. Answers where; undefined where there are none. */
const write = async <Document>(
  tx: PoolClient,
  kind: Kind<Document>,
  changes: readonly Change<Document>[],
  at: string,
  cause: Cause,
): Promise<Position | undefined> => {
  if (changes.length === 0) return undefined;
  await kind.write(tx, changes, at);
  return appendInTransaction(
    tx,
    changes.map((change) => appendOf(kind, change, at, cause)),
  );
};

const appendOf = <Document>(
  kind: Kind<Document>,
  change: Change<Document>,
  at: string,
  { id: causationId, correlationId, traceparent, ...cause }: Cause,
): { readonly stream: string; readonly events: readonly NewEvent[] } => {
  const stream = `${kind.stream}-${change.id}`;
  const metadata = {
    at,
    causationId,
    correlationId: correlationId ?? causationId,
    ...askerOf(cause),
    ...(traceparent !== undefined && { traceparent }),
  };
  const id = derivedId(stream, causationId, change.version);
  return { stream, events: [{ id, ...catalogCodec.encode(kind.eventOf(change, at)), metadata }] };
};
