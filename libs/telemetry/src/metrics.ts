import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that this process measures; `/metrics` prints it. */
export const registry = new Registry();

/** Buckets of a latency, in seconds: 0.25 and 2 are bounds that a service level objective names. */
export const SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5,
];

/** What is measured, once it has its labels. */
type Describe = { readonly name: string; readonly help: string };

/** A count that only grows. Declaring the same name again gives the same metric. */
export const counter = <Label extends string>(
  { name, help }: Describe,
  labelNames: readonly Label[],
): Counter<Label> =>
  (registry.getSingleMetric(name) as Counter<Label> | undefined) ??
  new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });

/** A distribution, in seconds unless its name says otherwise. Declaring the same name again gives the same metric. */
export const histogram = <Label extends string>(
  { name, help, buckets = SECONDS }: Describe & { readonly buckets?: readonly number[] },
  labelNames: readonly Label[],
): Histogram<Label> =>
  (registry.getSingleMetric(name) as Histogram<Label> | undefined) ??
  new Histogram({
    name,
    help,
    buckets: [...buckets],
    labelNames: [...labelNames],
    registers: [registry],
  });

/** A level. Declaring the same name again gives the same metric. */
export const gauge = <Label extends string>(
  { name, help }: Describe,
  labelNames: readonly Label[],
): Gauge<Label> =>
  (registry.getSingleMetric(name) as Gauge<Label> | undefined) ??
  new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

/** Streams that a read model or a reader could not deal with; set where they are kept. */
export const streamsSetAside = gauge(
  { name: 'oms_streams_set_aside', help: 'Streams whose events this reader could not deal with' },
  ['service', 'reader'],
);

/** What a running check found that must never be. 0 is good; anything else pages at once. */
export const invariantBreaches = gauge(
  { name: 'oms_invariant_breaches', help: 'Contradictions that the last look through found' },
  ['service', 'invariant'],
);

/** A process that no longer checks a service says nothing more of it: another one knows better by now. */
export const forgetBreaches = async (service: string): Promise<void> => {
  const { values } = await invariantBreaches.get();
  for (const { labels } of values) if (labels.service === service) invariantBreaches.remove(labels);
};

const readers = new Set<() => void>();

/**
 * Runs `read` before each `/metrics`: for levels that somebody holds in memory anyway. It must be quick and
 * ask nobody. Call the answer to end it.
 */
export const onScrape = (read: () => void): (() => void) => {
  readers.add(read);
  return () => void readers.delete(read);
};

const EVENT_LOOP_RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.9, 0.99, 1];
const eventLoopLag = gauge(
  { name: 'oms_event_loop_lag_seconds', help: 'How late timers ran since the last scrape' },
  ['quantile'],
);
let eventLoop: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** The histogram holds whole intervals of its timer, of which what is above the planned one is lag. */
const readEventLoop = (): void => {
  if (!eventLoop) return;
  for (const quantile of QUANTILES) {
    const intervalMs = eventLoop.percentile(quantile * 100) / 1e6;
    const lagMs = Math.max(0, intervalMs - EVENT_LOOP_RESOLUTION_MS);
    eventLoopLag.set({ quantile: String(quantile) }, lagMs / 1_000);
  }
  eventLoop.reset();
};

/** Begins with the first scrape: who is not watched measures nothing. */
const measureProcess = (): void => {
  if (eventLoop) return;
  collectDefaultMetrics({ register: registry });
  eventLoop = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  eventLoop.enable();
  onScrape(readEventLoop);
};

/** Every metric of this process in the text format of Prometheus. */
export const exposition = (): Promise<string> => {
  measureProcess();
  for (const read of readers) read();
  return registry.metrics();
};
