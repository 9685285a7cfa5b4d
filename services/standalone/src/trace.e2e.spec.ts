import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { startTracing, type Tracing } from '@throughline/telemetry';
import { until } from '@throughline/testing';
import { orderOf, TestSystem } from './system.fixtures.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SENDER = '00f067aa0ba902b7';

const exporter = new InMemorySpanExporter();
let tracing: Tracing;
let system: TestSystem;
beforeAll(async () => {
  // No trace of our own: what is recorded is what the sender asked for.
  tracing = await startTracing({ service: 'standalone', exporter, ratio: 0 });
  system = await TestSystem.start();
});
afterAll(async () => {
  await system.stop();
  await tracing.stop();
});

const idOf = (span: ReadableSpan) => span.spanContext().spanId;
const servicesOf = (spans: readonly ReadableSpan[]) =>
  new Set(spans.map(({ attributes }) => attributes.service));

it('one order is one trace, from its request through every service to the rows', async () => {
  await system.stock('leeds', 'LS1', { A: 10 });
  const answer = await system.host.app.inject({
    method: 'POST',
    url: '/v1/orders',
    headers: { authorization: 'Bearer test', traceparent: `00-${TRACE}-${SENDER}-01` },
    payload: orderOf('trace-1', { A: 2 }),
  });
  expect(answer.statusCode).toBe(201);
  await system.settled();
  // The request's own span ends when its answer is gone.
  await until(() => exporter.getFinishedSpans().some(({ name }) => name === 'POST /v1/orders'));

  const spans = exporter.getFinishedSpans();
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
  expect([...servicesOf(spans)].sort()).toEqual(
    expect.arrayContaining(['fulfillment', 'inventory', 'order-capture', 'payments', 'routing']),
  );
  const request = spans.find(({ name }) => name === 'POST /v1/orders');
  expect(request?.attributes['http.response.status_code']).toBe(201);
  const names = new Set(spans.map(({ name }) => name));
  for (const name of [
    'POST /v1/orders',
    'append order',
    'handle OrderPlaced',
    'handle SourcingProposed',
    'project order-list',
    'sql transaction',
  ])
    expect(names).toContain(name);

  // Nothing hangs in the air: every span is the child of another one, the first of the sender's.
  const known = new Set([SENDER, ...spans.map(idOf)]);
  const lost = spans.filter(({ parentSpanContext }) => !known.has(parentSpanContext?.spanId ?? ''));
  expect(lost.map(({ name }) => name)).toEqual([]);
  const told = JSON.stringify(
    spans.map(({ name, attributes, events }) => [name, attributes, events]),
  );
  expect(told).not.toMatch(/Ada|Lovelace|St James|SW1Y/);
});

it('an order whose sender records nothing leaves no span', async () => {
  exporter.reset();
  await system.place('trace-2', { A: 1 });
  await system.settled();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([]);
});
