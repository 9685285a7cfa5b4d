import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { addToLogContext, inSpan, logContext, startTracing, withLogContext } from './index.js';

const tick = () => new Promise((resolve) => setImmediate(resolve));

it('goes with the work across everything that it waits for, and ends with it', async () => {
  const seen = await withLogContext({ correlationId: 'c1' }, async () => {
    await tick();
    return withLogContext({ orderId: 'o1' }, async () => {
      await tick();
      return logContext();
    });
  });
  expect(seen).toEqual({ correlationId: 'c1', orderId: 'o1' });
  expect(logContext()).toEqual({});
});

it('keeps works that run at the same time apart', async () => {
  const work = (orderId: string) =>
    withLogContext({ orderId }, async () => {
      await tick();
      addToLogContext({ correlationId: `of ${orderId}` });
      await tick();
      return logContext();
    });
  expect(await Promise.all([work('a'), work('b')])).toEqual([
    { orderId: 'a', correlationId: 'of a' },
    { orderId: 'b', correlationId: 'of b' },
  ]);
});

it('does not let the inner work change the outer', () => {
  withLogContext({ orderId: 'o1' }, () => {
    withLogContext({}, () => addToLogContext({ orderId: 'o2' }));
    expect(logContext()).toEqual({ orderId: 'o1' });
  });
  addToLogContext({ orderId: 'nowhere' });
  expect(logContext()).toEqual({});
});

it('names the trace', async () => {
  const tracing = await startTracing({
    service: 'spec',
    exporter: new InMemorySpanExporter(),
    ratio: 1,
  });
  try {
    const traceId = await inSpan('work', {}, async (span) => {
      expect(logContext()).toEqual({ traceId: span.spanContext().traceId });
      return span.spanContext().traceId;
    });
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  } finally {
    await tracing.stop();
  }
});
