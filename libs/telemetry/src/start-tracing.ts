import { context, propagation, trace } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { counter } from './metrics.js';
import { traceWith } from './tracing.js';

/** The share of new traces that are recorded where nothing else is said. */
export const TRACE_RATIO = 0.1;
/** Where `OTEL_BSP_*` says nothing: an order makes many spans at once, and who looks for it does so at once. */
const EXPORT_EVERY_MS = 1_000;
const QUEUE_SPANS_MAX = 8_192;
/** Longer than this the end of a process does not wait for its last spans. */
export const FLUSH_TIMEOUT_MS = 2_000;

export type TracingOptions = {
  /** Name of the process, such as `order-capture`, where `OTEL_SERVICE_NAME` gives no other. */
  readonly service: string;
  /**
   * Share of new traces, 0 to 1, where `OTEL_TRACES_SAMPLER` names no sampler; a trace that came from elsewhere is recorded
   * when its sender recorded it.
   */
  readonly ratio?: number | undefined;
  /** Takes the spans instead of a collector, at once and one by one: for tests. */
  readonly exporter?: SpanExporter;
};

export type Tracing = {
  /** Sends what is left, for two seconds at most. Never throws. */
  stop(): Promise<void>;
};

/** Each of these says where traces go; a process that is told of none does not trace. */
const DESTINATIONS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
] as const;
/** Where one of these is set, the SDK chooses its exporter by itself. */
const CHOICES = [
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
] as const;
const isSet = (name: string): boolean => Boolean(process.env[name]?.trim());
const isTold = (): boolean =>
  DESTINATIONS.some(isSet) && process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() !== 'true';

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
  const [node, traces, otlp, resources, core] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/core'),
  ]);
  return { ...node, ...traces, ...otlp, ...resources, ...core };
};
type Sdk = Awaited<ReturnType<typeof load>>;

/** Spans to the collector of the environment, counted where it does not take them. */
const toCollector = (sdk: Sdk) =>
  new sdk.BatchSpanProcessor({
    exporter: counted(new sdk.OTLPTraceExporter()),
    maxQueueSize: sdk.getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE') ?? QUEUE_SPANS_MAX,
    scheduledDelayMillis: sdk.getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY') ?? EXPORT_EVERY_MS,
  });

const destinationOf = (sdk: Sdk, exporter: SpanExporter | undefined) => {
  // Nothing is looked up for tests: their spans would wait for it.
  if (exporter)
    return {
      spanProcessors: [new sdk.SimpleSpanProcessor({ exporter })],
      autoDetectResources: false,
    };
  return CHOICES.some(isSet) ? {} : { spanProcessors: [toCollector(sdk)] };
};

/**
 * Begins to trace this process by OpenTelemetry's own variables (`OTEL_*`), where one of them says where traces go, or
 * where there is an exporter; otherwise nothing happens. Throws `RangeError` for a ratio that is none.
 */
export const startTracing = async ({
  service,
  ratio = TRACE_RATIO,
  exporter,
}: TracingOptions): Promise<Tracing> => {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`A share of traces is 0 to 1: ${ratio}`);
  if (exporter === undefined && !isTold()) return { stop: () => Promise.resolve() };
  const sdk = await load();
  const root = new sdk.TraceIdRatioBasedSampler(ratio);
  const node = new sdk.NodeSDK({
    resource: sdk.defaultResource().merge(sdk.resourceFromAttributes({ 'service.name': service })),
    // Metrics are scraped, and logs are written to the output.
    metricReaders: [],
    logRecordProcessors: [],
    ...(!isSet('OTEL_TRACES_SAMPLER') && { sampler: new sdk.ParentBasedSampler({ root }) }),
    ...destinationOf(sdk, exporter),
  });
  node.start();
  traceWith(trace.getTracer('throughline'));
  return {
    stop: async () => {
      traceWith(undefined);
      await within(FLUSH_TIMEOUT_MS, node.shutdown());
      for (const api of [context, propagation, trace]) api.disable();
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
