import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { exposition, inSpan, startTracing } from '@throughline/telemetry';
import { freshDatabaseUrl, until } from '@throughline/testing';
import { Database } from './database.js';

let database: Database;
beforeAll(async () => {
  database = new Database({
    connectionString: await freshDatabaseUrl(),
    schema: 'public',
    applicationName: 'test',
    connectionsMax: 1,
    service: 'spec',
  });
});
afterAll(() => database.stop());

const level = async (series: string): Promise<number> => {
  const line = (await exposition()).split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length));
};

it('shows who holds connections, who waits for one, and how statements end', async () => {
  await database.query('select 1');
  expect(await level('oms_pool_connections{service="spec",state="idle"}')).toBe(1);
  const begun = Promise.withResolvers<void>();
  const { promise: over, resolve: letGo } = Promise.withResolvers<void>();
  const holding = database.transaction(() => {
    begun.resolve();
    return over;
  });
  await begun.promise;
  const waiting = database.query('select 2').catch((error: unknown) => error);
  await until(async () => (await level('oms_pool_waiting{service="spec"}')) === 1);
  expect(await level('oms_pool_connections{service="spec",state="busy"}')).toBe(1);
  letGo();
  await Promise.all([holding, waiting]);
  await expect(database.query('select no_such_column')).rejects.toThrow();
  expect(await level('oms_sql_seconds_count{service="spec",outcome="error"}')).toBe(1);
  expect(await level('oms_sql_seconds_count{service="spec",outcome="ok"}')).toBeGreaterThanOrEqual(
    2,
  );
});

it('traces a statement by its name, inside the work that asked, and never shows its values', async () => {
  const exporter = new InMemorySpanExporter();
  const tracing = await startTracing({ service: 'spec', exporter, ratio: 1 });
  try {
    await database.query('select 1', [], 'from-the-background');
    await inSpan('handle', { attributes: { service: 'inventory' } }, async () => {
      await database.query('select $1::text as name', ['Ada Lovelace'], 'find-person');
      await database.transaction(async (tx) => tx.query('select 1'));
    });
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(['sql find-person', 'sql transaction', 'handle']);
    const [statement, , handle] = spans;
    expect(statement?.parentSpanContext?.spanId).toBe(handle?.spanContext().spanId);
    expect(statement?.attributes).toEqual({ service: 'inventory' });
    expect(JSON.stringify(spans.map((span) => [span.attributes, span.events]))).not.toContain(
      'Ada',
    );
  } finally {
    await tracing.stop();
  }
});
