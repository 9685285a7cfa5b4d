import { counter, gauge, streamsSetAside } from '@throughline/telemetry';

const lag = gauge(
  { name: 'oms_projection_lag_seconds', help: 'Age of the oldest event not yet in the rows' },
  ['service', 'projection'],
);
const position = gauge(
  { name: 'oms_projection_position', help: 'Position in the log that the rows have reached' },
  ['service', 'projection'],
);
const failures = counter(
  { name: 'oms_projection_failures_total', help: 'Times that a projection had to start again' },
  ['service', 'projection'],
);

/** What is measured of one projection, where it is kept. */
export const projectionMetrics = (service: string, projection: string) => {
  const labels = { service, projection };
  failures.inc(labels, 0);
  return {
    lag: (seconds: number): void => lag.set(labels, seconds),
    position: (reached: bigint): void => position.set(labels, Number(reached)),
    failed: (): void => failures.inc(labels),
    setAside: (streams: number): void =>
      streamsSetAside.set({ service, reader: projection }, streams),
    /** Another process measures it from now on. */
    forget: (): void => {
      lag.remove(labels);
      position.remove(labels);
      streamsSetAside.remove({ service, reader: projection });
    },
  };
};
