import type { PoolClient } from 'pg';
import { quoted } from './projection.js';

/** The schemas that a projection's tables are in: while they serve, while they are built, after that. */
export type Places = {
  readonly live: string;
  readonly building: string;
  readonly retired: string;
};

const IDENTIFIER_MAX = 63;

/** Where the tables of a projection lie, given the service's schema. */
export const placesOf = (schema: string, projection: string): Places => {
  const place = (role: string): string => {
    const name = `${schema}_${role}_${projection.replaceAll('-', '_')}`;
    if (name.length > IDENTIFIER_MAX) throw new Error(`Too long for a schema's name: ${name}`);
    return name;
  };
  return { live: schema, building: place('rebuild'), retired: place('retired') };
};

/** Makes unqualified names mean the tables of one schema alone, until the transaction ends. */
export const lookOnlyAt = async (tx: PoolClient, schema: string): Promise<void> => {
  await tx.query(`select set_config('search_path', $1, true)`, [quoted(schema)]);
};

type Described = {
  readonly name: string;
  readonly options: readonly string[] | null;
  readonly counters: number;
  readonly statements: readonly string[];
};

// Indexes and constraints are made by their definitions, because `like` would give them other names.
const DESCRIBE = `
  select c.relname as name, c.reloptions as options,
    (select count(*) from pg_attrdef d
     where d.adrelid = c.oid and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%') as counters,
    array(
      select format('alter table %I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
      from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'x') order by k.oid
    ) || array(
      select pg_get_indexdef(i.indexrelid, 0, true) from pg_index i
      where i.indrelid = c.oid and not exists (
        select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
      order by i.indexrelid
    ) as statements
  from pg_class c join unnest($2::text[]) with ordinality as wanted (name, place) on wanted.name = c.relname
  where c.relnamespace = $1::regnamespace order by wanted.place`;

const describe = async (
  tx: PoolClient,
  schema: string,
  tables: readonly string[],
): Promise<readonly Described[]> => {
  // "Pretty" definitions leave out the schema of what is on the search path.
  await lookOnlyAt(tx, schema);
  const { rows } = await tx.query<Described>(DESCRIBE, [quoted(schema), tables]);
  const missing = tables.filter((table) => !rows.some(({ name }) => name === table));
  if (missing.length > 0) throw new Error(`No such table in ${schema}: ${missing.join(', ')}`);
  const counting = rows.find(({ counters }) => counters > 0);
  if (counting)
    throw new Error(
      `${counting.name} counts by a sequence that its copy would share: use "generated as identity"`,
    );
  return rows;
};

/** Makes empty copies of tables, with the same names of everything, in a schema of their own (afresh). */
export const copyTables = async (
  tx: PoolClient,
  { live, building }: Places,
  tables: readonly string[],
): Promise<void> => {
  const described = await describe(tx, live, tables);
  await dropTables(tx, building);
  await tx.query(`create schema ${quoted(building)}`);
  await lookOnlyAt(tx, building);
  for (const { name, options } of described)
    await tx.query(
      `create table ${quoted(name)} (like ${quoted(live)}.${quoted(name)} including all excluding indexes)
       ${options ? `with (${options.join(', ')})` : ''}`,
    );
  for (const { statements } of described)
    for (const statement of statements) await tx.query(statement);
};

/** Moves tables with all that belongs to them from one schema to another. */
const move = async (
  tx: PoolClient,
  tables: readonly string[],
  from: string,
  to: string,
): Promise<void> => {
  for (const table of tables)
    await tx.query(`alter table ${quoted(from)}.${quoted(table)} set schema ${quoted(to)}`);
};

/** What a statement names that locks these tables. */
export const listed = (schema: string, tables: readonly string[]): string =>
  tables.map((table) => `${quoted(schema)}.${quoted(table)}`).join(', ');

/**
 * Keeps everybody from the tables until the transaction ends, or fails after `waitMs`. Whoever holds one goes on with the
 * old ones, whoever comes later gets the new ones; no statement sees some of each. Waiting no longer than `waitMs`
 * (below the server's deadlock timeout) means that a reader who holds one and wants another wins.
 */
export const closeTables = async (
  tx: PoolClient,
  schema: string,
  tables: readonly string[],
  waitMs: number,
): Promise<void> => {
  await tx.query(`set local lock_timeout = ${Math.round(waitMs)}`);
  await tx.query(`lock table ${listed(schema, tables)} in access exclusive mode`);
};

/** Puts the new tables in the place of the old ones, which are kept aside. The live ones are closed already. */
export const replaceTables = async (
  tx: PoolClient,
  { live, building, retired }: Places,
  tables: readonly string[],
): Promise<void> => {
  await dropTables(tx, retired);
  await tx.query(`create schema ${quoted(retired)}`);
  await move(tx, tables, live, retired);
  await move(tx, tables, building, live);
  await tx.query(`drop schema ${quoted(building)}`);
};

/** Brings the tables back that were kept aside; the live ones, which are closed already, are dropped. */
export const restoreTables = async (
  tx: PoolClient,
  { live, building, retired }: Places,
  tables: readonly string[],
): Promise<void> => {
  await dropTables(tx, building);
  await tx.query(`create schema ${quoted(building)}`);
  await move(tx, tables, live, building);
  await move(tx, tables, retired, live);
  await dropTables(tx, building);
  await dropTables(tx, retired);
};

/** Drops the schema with whatever is in it. */
export const dropTables = async (tx: PoolClient, schema: string): Promise<void> => {
  await tx.query(`drop schema if exists ${quoted(schema)} cascade`);
};
