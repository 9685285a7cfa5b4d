import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { currentTraceparent, inSpan, openSpan, startTracing, type Tracing } from './index.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${SPAN}-01`;
const NOT_SAMPLED = `00-${TRACE}-${SPAN}-00`;

let tracing: Tracing | undefined;
const environment = { ...process.env };
afterEach(async () => {
  await tracing?.stop();
  tracing = undefined;
  process.env = { ...environment };
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
    expect(startTracing({ service: 'spec', ratio: 2 })).rejects.toThrow(RangeError));

  it('does not trace where the SDK is switched off', async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
    process.env.OTEL_SDK_DISABLED = 'true';
    tracing = await startTracing({ service: 'spec', ratio: 1 });
    await inSpan('handle', {}, async (span) => expect(span.isRecording()).toBe(false));
  });
});

describe('a collector', () => {
  let server: Server;
  let received: { readonly url: string; readonly headers: IncomingHttpHeaders; body: string }[];
  beforeEach(async () => {
    received = [];
    server = createServer((request, response) => {
      const { url = '', headers } = request;
      const one = { url, headers, body: '' };
      request.on('data', (chunk: Buffer) => (one.body += chunk.toString('latin1')));
      request.on('end', () => {
        received.push(one);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const traced = async (): Promise<void> => {
    tracing = await startTracing({ service: 'order-capture', ratio: 1 });
    await inSpan('append order', {}, async () => undefined);
    await tracing.stop();
  };

  it('gets the last spans at the stop, with what is known of the process', async () => {
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment=spec';
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'x-team=oms';
    await traced();
    expect(received).toHaveLength(1);
    const [{ url, headers, body }] = received as [(typeof received)[0]];
    expect(url).toBe('/v1/traces');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-team': 'oms' });
    for (const text of ['append order', 'order-capture', 'deployment.environment', 'process.pid'])
      expect(body).toContain(text);
  });

  it('is spoken to as the variables of OpenTelemetry say', async () => {
    process.env.OTEL_SERVICE_NAME = 'orders-eu';
    process.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf';
    await traced();
    expect(received).toMatchObject([{ headers: { 'content-type': 'application/x-protobuf' } }]);
    expect(received[0]!.body).toContain('orders-eu');
    expect(received[0]!.body).not.toContain('order-capture');
  });

  it('gets what the sampler of the variables takes, whatever the share', async () => {
    process.env.OTEL_TRACES_SAMPLER = 'always_off';
    await traced();
    expect(received).toEqual([]);
  });

  it('that is away costs the process neither its work nor its end', async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
    await traced();
  });
});
