import { context, trace } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { counter } from './metrics.js';
import { traceWith } from './tracing.js';

/** The share of new traces that are recorded where nothing else is said. */
export const TRACE_RATIO = 0.1;
const EXPORT_TIMEOUT_MS = 5_000;
const EXPORT_EVERY_MS = 1_000;
const QUEUE_SPANS_MAX = 8_192;
/** Longer than this the end of a process does not wait for its last spans. */
export const FLUSH_TIMEOUT_MS = 2_000;

export type TracingOptions = {
  /** Name of the process, such as `order-capture`. */
  readonly service: string;
  /** Where an OpenTelemetry collector listens for OTLP over HTTP, such as `http://collector:4318`. */
  readonly endpoint?: string;
  /** Share of new traces, 0 to 1; a trace that came from elsewhere is recorded when its sender recorded it. */
  readonly ratio?: number;
  /** Takes the spans instead of a collector, at once and one by one: for tests. */
  readonly exporter?: SpanExporter;
};

export type Tracing = {
  /** Sends what is left, for two seconds at most. Never throws. */
  stop(): Promise<void>;
};

const lost = counter({ name: 'oms_spans_lost_total', help: 'Spans that no collector took' }, []);

/** Counts what could not be sent; traces are a help and must never disturb what they show. */
const counted = (exporter: SpanExporter): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      if (result.error !== undefined || result.code !== 0) lost.inc(spans.length);
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
});

/** The SDK is loaded here and nowhere else: who does not trace does not pay for it. */
const load = async () => {
  const [sdk, hooks, otlp, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  return { ...sdk, ...hooks, ...otlp, ...resources };
};

/** Begins to trace this process where there is an endpoint or an exporter; otherwise nothing happens. */
export const startTracing = async ({
  service,
  endpoint,
  ratio = TRACE_RATIO,
  exporter,
}: TracingOptions): Promise<Tracing> => {
  if (endpoint === undefined && exporter === undefined) return { stop: () => Promise.resolve() };
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`A share of traces is 0 to 1: ${ratio}`);
  const sdk = await load();
  const provider = new sdk.TracerProvider({
    resource: sdk.resourceFromAttributes({ 'service.name': service }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      exporter
        ? new sdk.SimpleSpanProcessor({ exporter })
        : new sdk.BatchSpanProcessor({
            exporter: counted(
              new sdk.OTLPTraceExporter({
                url: `${endpoint?.replace(/\/+$/, '')}/v1/traces`,
                timeoutMillis: EXPORT_TIMEOUT_MS,
              }),
            ),
            maxQueueSize: QUEUE_SPANS_MAX,
            scheduledDelayMillis: EXPORT_EVERY_MS,
            exportTimeoutMillis: EXPORT_TIMEOUT_MS,
          }),
    ],
  });
  context.setGlobalContextManager(new sdk.AsyncLocalStorageContextManager());
  traceWith(provider.getTracer('throughline'));
  return {
    stop: async () => {
      traceWith(undefined);
      await within(FLUSH_TIMEOUT_MS, provider.shutdown());
      context.disable();
      trace.disable();
    },
  };
};

/** Waits for work whose failure changes nothing any more, but not longer than this. */
const within = async (timeoutMs: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
};
