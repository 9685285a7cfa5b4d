import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that this process measures; `/metrics` prints it. */
export const registry = new Registry();

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
  { name, help, buckets }: Describe & { readonly buckets: readonly number[] },
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
