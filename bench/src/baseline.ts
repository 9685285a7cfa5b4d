import { randomUUID } from 'node:crypto';
import { NO_STREAM, PostgresLog, LOG_MIGRATIONS } from '@throughline/event-store';
import { Database, migrate } from '@throughline/postgres';
import { load, type Measured } from './load.js';

const PAYLOAD = 'x'.repeat(900);
const SCHEMA = 'bench';

/** Plain prepared single-row inserts of 1 KB, a transaction each, as pgbench would send them. */
export const plainInserts = async (
  connectionString: string,
  callers: number,
  durationMs: number,
): Promise<Measured> => {
  const database = benchDatabase(connectionString, callers);
  await database.query(`create schema if not exists ${SCHEMA}`);
  await database.query(
    'create table if not exists plain (id uuid primary key, data jsonb not null)',
  );
  const text = 'insert into plain (id, data) values ($1, $2)';
  const data = JSON.stringify({ payload: PAYLOAD });
  const measured = await load(callers, durationMs, async () => {
    await database.query(text, [randomUUID(), data], 'plain-insert');
  });
  await database.stop();
  return measured;
};

/** Appends of one 1 KB event, each to a new stream, through the event store. */
export const eventAppends = async (
  connectionString: string,
  callers: number,
  durationMs: number,
): Promise<Measured> => {
  await migrate({ connectionString, schema: SCHEMA, sets: [LOG_MIGRATIONS] });
  const database = benchDatabase(connectionString, 4);
  const store = new PostgresLog(database);
  const metadata = { at: new Date().toISOString(), causationId: 'bench', correlationId: 'bench' };
  const measured = await load(callers, durationMs, async () => {
    const event = {
      id: randomUUID(),
      type: 'Bench',
      version: 1,
      data: { payload: PAYLOAD },
      metadata,
    };
    await store.append(`bench-${event.id}`, [event], NO_STREAM);
  });
  await database.stop();
  return measured;
};

const benchDatabase = (connectionString: string, connectionsMax: number): Database =>
  new Database({ connectionString, schema: SCHEMA, applicationName: 'bench', connectionsMax });
