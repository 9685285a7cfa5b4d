import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { currentTraceparent, inSpan, openSpan, startTracing, type Tracing } from './index.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${SPAN}-01`;
const NOT_SAMPLED = `00-${TRACE}-${SPAN}-00`;

let tracing: Tracing | undefined;
afterEach(async () => {
  await tracing?.stop();
  tracing = undefined;
});

const recording = async (ratio = 1): Promise<InMemorySpanExporter> => {
  const exporter = new InMemorySpanExporter();
  tracing = await startTracing({ service: 'spec', ratio, exporter });
  return exporter;
};
const spansOf = (exporter: InMemorySpanExporter) =>
  exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    attributes: span.attributes,
    failed: span.status.code === 2,
    traceId: span.spanContext().traceId,
    parent: span.parentSpanContext?.spanId,
    id: span.spanContext().spanId,
  }));

describe('a span', () => {
  it('is a child of the one around it, across whatever the work waits for', async () => {
    const exporter = await recording();
    await inSpan('outer', {}, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await inSpan('inner', {}, async () => undefined);
    });
    const [inner, outer] = spansOf(exporter);
    expect(inner).toMatchObject({ name: 'inner', parent: outer?.id, traceId: outer?.traceId });
    expect(outer).toMatchObject({ name: 'outer', parent: undefined });
  });

  it('continues the trace that a traceparent names, and passes it on', async () => {
    const exporter = await recording(0);
    const inside = await inSpan('handle', { parent: SAMPLED }, async () => currentTraceparent());
    const [span] = spansOf(exporter);
    expect(span).toMatchObject({ traceId: TRACE, parent: SPAN });
    expect(inside).toBe(`00-${TRACE}-${span?.id}-01`);
  });

  it('is not recorded where the sender does not record, but the trace goes on', async () => {
    const exporter = await recording(1);
    const inside = await inSpan('handle', { parent: NOT_SAMPLED }, async () =>
      inSpan('inner', {}, async () => currentTraceparent()),
    );
    expect(spansOf(exporter)).toEqual([]);
    expect(inside).toBe(NOT_SAMPLED);
  });

  it.each([
    ['no traceparent at all', 'garbage'],
    ['a forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['an empty trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['an empty span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['more parts than its version has', `${SAMPLED}-more`],
    ['capital letters', SAMPLED.toUpperCase()],
  ])('begins a trace of its own for %s', async (_, parent) => {
    const exporter = await recording();
    await inSpan('handle', { parent }, async () => undefined);
    const [span] = spansOf(exporter);
    expect(span).toMatchObject({ name: 'handle', parent: undefined });
    expect(span?.traceId).not.toBe(TRACE);
  });

  it('takes a later version with more parts', async () => {
    const exporter = await recording();
    await inSpan('handle', { parent: `01-${TRACE}-${SPAN}-01-more` }, async () => undefined);
    expect(spansOf(exporter)).toMatchObject([{ traceId: TRACE }]);
  });

  it('says that its work failed and of which kind the error was, but not its words', async () => {
    const exporter = await recording();
    const failing = inSpan('sql', {}, async () => {
      throw Object.assign(new TypeError('Ada Lovelace lives here'), { code: '23505' });
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(spansOf(exporter)).toMatchObject([
      { failed: true, attributes: { 'error.type': 'TypeError 23505' } },
    ]);
    expect(JSON.stringify(spansOf(exporter))).not.toContain('Ada');
  });

  it('hands the name of its service down', async () => {
    const exporter = await recording();
    await inSpan('handle', { attributes: { service: 'routing' } }, () =>
      inSpan('append', {}, async () => undefined),
    );
    expect(spansOf(exporter).map(({ attributes }) => attributes)).toEqual([
      { service: 'routing' },
      { service: 'routing' },
    ]);
  });

  it('that makes sense only within a trace begins none', async () => {
    const exporter = await recording();
    await inSpan('poll', { onlyWithin: true }, async () => undefined);
    await inSpan('outer', {}, () => inSpan('read', { onlyWithin: true }, async () => undefined));
    expect(spansOf(exporter).map(({ name }) => name)).toEqual(['read', 'outer']);
  });

  it('may be ended by somebody else', async () => {
    const exporter = await recording();
    const { span, enter } = openSpan('GET /v1/orders', { role: 'server', parent: SAMPLED });
    const inside = await enter(async () => currentTraceparent());
    span.end();
    expect(spansOf(exporter)).toMatchObject([{ traceId: TRACE, parent: SPAN }]);
    expect(inside).toContain(TRACE);
  });
});

describe('a process that nobody traces', () => {
  it('only does the work', async () => {
    tracing = await startTracing({ service: 'spec' });
    await expect(
      inSpan('handle', { parent: SAMPLED }, async (span) => [
        span.isRecording(),
        currentTraceparent(),
      ]),
    ).resolves.toEqual([false, undefined]);
  });

  it('does not trace any more after the stop', async () => {
    const exporter = await recording();
    await tracing?.stop();
    await inSpan('late', {}, async () => undefined);
    expect(spansOf(exporter)).toEqual([]);
  });

  it('is told when its share makes no sense', () =>
    expect(startTracing({ service: 'spec', endpoint: 'http://x', ratio: 2 })).rejects.toThrow(
      RangeError,
    ));
});

describe('a collector', () => {
  it('gets the last spans at the stop, over OTLP', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(`${request.url} ${body}`);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const endpoint = `http://127.0.0.1:${port}/`;
      tracing = await startTracing({ service: 'order-capture', endpoint, ratio: 1 });
      await inSpan('append order', {}, async () => undefined);
      await tracing.stop();
      expect(bodies).toHaveLength(1);
      expect(bodies[0]).toMatch(/^\/v1\/traces /);
      expect(bodies[0]).toContain('append order');
      expect(bodies[0]).toContain('order-capture');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('that is away costs the process neither its work nor its end', async () => {
    tracing = await startTracing({ service: 'spec', endpoint: 'http://127.0.0.1:1', ratio: 1 });
    await expect(inSpan('append', {}, async () => 'done')).resolves.toBe('done');
    await tracing.stop();
  });
});
