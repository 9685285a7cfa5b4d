import { KeepAlive, type RawAnswer } from './keep-alive.js';
import { percentile, type Measured } from './load.js';

const MICROSECONDS = 1e6;

export type Attempt = {
  readonly method?: 'POST' | 'DELETE';
  readonly path: string;
  readonly body: string;
  readonly idempotencyKey?: string;
};

/** What came of attempts: how many answers of each status, 0 where none came, and what they cost the client. */
export type Attempted = Measured & {
  readonly statuses: ReadonlyMap<number, number>;
  readonly seconds: number;
  /** When the last one was answered with 201, in seconds from the start. */
  readonly lastCreatedSeconds: number;
  readonly clientCpuSeconds: number;
};

export type Attempting = {
  readonly origin: string;
  readonly key: string;
  readonly clients: number;
  /** The next attempt; undefined when there are no more. */
  readonly next: () => Attempt | undefined;
  readonly answered?: (attempt: Attempt, answer: RawAnswer) => void;
};

/** Sends attempts from so many clients at once, each over a connection of its own, until there are no more. */
export const attemptAll = async ({
  origin,
  key,
  clients,
  next,
  answered = () => undefined,
}: Attempting): Promise<Attempted> => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const open = (): Promise<KeepAlive> => KeepAlive.open(origin, headers);
  const connections = await Promise.all(Array.from({ length: clients }, open));
  const statuses = new Map<number, number>();
  const latencies: number[] = [];
  let lastCreatedAt = Number.NaN;
  const client = async (connection: KeepAlive): Promise<void> => {
    for (let attempt = next(); attempt; attempt = next()) {
      const { method = 'POST', path, body, idempotencyKey } = attempt;
      const before = performance.now();
      const answer = await connection
        .send(method, path, body, idempotencyKey)
        .catch((error: Error) => ({ status: 0, body: error.message }));
      const answeredAt = performance.now();
      latencies.push(answeredAt - before);
      if (answer.status === 201) lastCreatedAt = answeredAt;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      answered(attempt, answer);
      if (answer.status === 0) connection = await open();
    }
    connection.close();
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(connections.map(client));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    statuses,
    seconds,
    lastCreatedSeconds: (lastCreatedAt - startedAt) / 1000,
    clientCpuSeconds: (user + system) / MICROSECONDS,
  };
};
