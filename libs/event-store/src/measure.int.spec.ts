import { randomUUID } from 'node:crypto';
import { accept, reject, type Decider, type Message } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { currentTraceparent, inSpan, registry, startTracing } from '@throughline/telemetry';
import { freshDatabase } from '@throughline/testing';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { codecOf, commandHandler, NO_STREAM, PostgresLog } from './index.js';

type Rung = Message<'Rung', { readonly loud: boolean }>;
type Ring = Message<'Ring', { readonly loud: boolean }>;
const bell: Decider<Ring, Rung, number, { readonly code: 'quiet-hours' }> = {
  initialState: 0,
  decide: ({ data }) =>
    data.loud ? reject({ code: 'quiet-hours' }) : accept({ type: 'Rung', data }),
  evolve: (rings) => rings + 1,
};

let database: Database;
let log: PostgresLog;
beforeAll(async () => {
  database = await freshDatabase({ schema: 'bells' });
  log = new PostgresLog(database);
});
afterAll(() => database.stop());

const newHandler = (category = 'bell') =>
  commandHandler({
    store: log,
    category,
    decider: bell,
    codec: codecOf<Rung>({ Rung: { version: 1 } }),
    now: () => '2026-01-01T00:00:00.000Z',
  });
const ring = (loud = false): Ring => ({ type: 'Ring', data: { loud } });
/** How often a histogram was told something with these labels. */
const countOf = async (name: string, labels: Record<string, string>): Promise<number> => {
  const metric = await registry.getSingleMetric(name)!.get();
  const values = metric.values as {
    metricName?: string;
    labels: Record<string, unknown>;
    value: number;
  }[];
  return values
    .filter((one) => one.metricName === `${name}_count`)
    .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
};

describe('a command in a trace', () => {
  it('shows what it reads and appends, and its events carry the trace on', async () => {
    const exporter = new InMemorySpanExporter();
    const tracing = await startTracing({ service: 'spec', ratio: 1, exporter });
    const id = randomUUID();
    let around: string | undefined;
    await inSpan('request', {}, async () => {
      around = currentTraceparent();
      await newHandler()(id, ring(), { id: 'ring', traceparent: 'of-the-cause' });
    });
    const names = exporter.getFinishedSpans().map(({ name }) => name);
    await tracing.stop();
    const [event] = await log.read(`bell-${id}`);
    expect(event!.metadata.traceparent).toBe(around);
    const own = names.filter((name) => !name.startsWith('sql '));
    expect(own).toEqual(['read bell', 'append bell', 'request']);
  });

  it('goes on in the trace of its cause where nobody traces here', async () => {
    const id = randomUUID();
    await newHandler()(id, ring(), { id: 'ring', traceparent: 'of-the-cause' });
    expect((await log.read(`bell-${id}`))[0]!.metadata.traceparent).toBe('of-the-cause');
  });
});

describe('what is counted', () => {
  it('of commands: carried out, refused, carried out before, failed', async () => {
    const [handle, id] = [newHandler('gong'), randomUUID()];
    await handle(id, ring(), 'one');
    await handle(id, ring(), 'two');
    await handle(id, ring(), 'one');
    await handle(id, ring(true), 'three');
    await expect(handle(id, { type: 'Ring' } as Ring, 'four')).rejects.toThrow(TypeError);
    for (const [outcome, count] of [
      ['ok', 2],
      ['repeated', 1],
      ['rejected', 1],
      ['error', 1],
    ] as const)
      expect([
        outcome,
        await countOf('oms_command_seconds', { category: 'gong', command: 'Ring', outcome }),
      ]).toEqual([outcome, count]);
  });

  it('of appends: done, and lost to another', async () => {
    const of = (outcome: string) => countOf('oms_append_seconds', { store: 'postgres', outcome });
    const [done, lost] = [await of('ok'), await of('conflict')];
    const stream = `bell-${randomUUID()}`;
    const event = {
      id: randomUUID(),
      type: 'Rung',
      version: 1,
      data: {},
      metadata: { at: '', causationId: 'c', correlationId: 'c' },
    };
    await log.append(stream, [event], NO_STREAM);
    await expect(log.append(stream, [{ ...event, id: randomUUID() }], NO_STREAM)).rejects.toThrow(
      'not at revision',
    );
    expect([await of('ok'), await of('conflict')]).toEqual([done + 1, lost + 1]);
  });
});
