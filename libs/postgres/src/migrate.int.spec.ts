import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshDatabaseUrl } from '@throughline/testing';
import { Database } from './database.js';
import { migrate, type MigrationSet } from './migrate.js';
import { pendingMigrations } from './pending-migrations.js';

let folder: string;
let connectionString: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline migrations '));
  connectionString = await freshDatabaseUrl();
  database = new Database({
    connectionString,
    schema: 'public',
    applicationName: 'test',
    connectionsMax: 2,
  });
});
afterEach(async () => {
  await database.stop();
  rmSync(folder, { recursive: true });
});

const write = (name: string, sql: string): void =>
  writeFileSync(join(folder, name), `-- Up Migration\n${sql};\n`);
const set = (table = 'migrations'): MigrationSet => ({
  folder: pathToFileURL(`${folder}/`),
  table,
});
const tables = async (schema: string): Promise<string[]> => {
  const rows = await database.query<{ table_name: string }>(
    'select table_name from information_schema.tables where table_schema = $1 order by 1',
    [schema],
  );
  return rows.map(({ table_name: name }) => name);
};

describe('migrating', () => {
  it('makes the schema, runs what is new in order, and nothing twice', async () => {
    write('001_one.sql', 'create table one (id integer)');
    await migrate({ connectionString, schema: 'shop', sets: [set()] });
    write('002_two.sql', 'create table two as select * from one');
    await migrate({ connectionString, schema: 'shop', sets: [set()] });
    await migrate({ connectionString, schema: 'shop', sets: [set()] });
    expect(await tables('shop')).toEqual(['migrations', 'one', 'two']);
  });

  it('keeps sets and schemas apart, also when all of them start at once', async () => {
    write('001_one.sql', 'create table one (id integer)');
    const schemas = ['alpha', 'beta', 'gamma', 'delta'];
    await Promise.all(
      [...schemas, ...schemas].map((schema) =>
        migrate({ connectionString, schema, sets: [set()] }),
      ),
    );
    for (const schema of schemas) expect(await tables(schema)).toEqual(['migrations', 'one']);
  });

  it('leaves nothing of a migration that fails, and says why', async () => {
    write('001_broken.sql', 'create table one (id integer); create table one (id integer)');
    await expect(migrate({ connectionString, schema: 'shop', sets: [set()] })).rejects.toThrow(
      /"one" already exists/,
    );
    expect(await tables('shop')).toEqual(['migrations']);
  });
});

describe('pending migrations', () => {
  it('are those that have not run, in a schema that may be missing; unknown ones are no matter', async () => {
    write('001_first.sql', 'create table first (id integer)');
    expect(await pendingMigrations(database, [set()])).toEqual(['001_first']);
    await migrate({ connectionString, schema: 'public', sets: [set()] });
    expect(await pendingMigrations(database, [set()])).toEqual([]);
    write('002_second.sql', 'create table second (id integer)');
    expect(await pendingMigrations(database, [set()])).toEqual(['002_second']);
    await migrate({ connectionString, schema: 'public', sets: [set()] });
    rmSync(join(folder, '002_second.sql'));
    expect(await pendingMigrations(database, [set()])).toEqual([]);
  });
});
