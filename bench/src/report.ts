import { availableParallelism, totalmem } from 'node:os';
import type { Measured } from './load.js';

export const say = (text: string): boolean => process.stdout.write(`${text}\n`);

export const rounded = (value: number, digits = 0): string => value.toFixed(digits).padStart(8);

export const measuredRow = (name: string, { perSecond, p50Ms, p99Ms }: Measured): string =>
  `${name.padEnd(44)}${rounded(perSecond)}/s  p50 ${rounded(p50Ms, 1)} ms  p99 ${rounded(p99Ms, 1)} ms`;

export const machine =
  `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ` +
  'embedded Postgres 18 with fsync and synchronous_commit on, load generator on the same cores\n';

/** CPU seconds of a while, as cores that were busy. */
export const cpuRow = ({
  seconds,
  node,
  postgres,
  client,
}: Readonly<Record<'seconds' | 'node' | 'postgres' | 'client', number>>): string =>
  `  CPU: server ${rounded(node / seconds, 2)}, Postgres ${rounded(postgres / seconds, 2)}, ` +
  `client ${rounded(client / seconds, 2)} cores`;
