import { once } from 'node:events';
import { parentPort, workerData, Worker } from 'node:worker_threads';
import { GREEDY_CLIENTS } from './greedy-clients.js';
import { SLOW_CLIENTS } from './slow-clients.js';

/** A client that means no good, with a key or without. */
export type Client = {
  readonly name: string;
  readonly run: (
    origin: URL,
    key: string,
    /** Told how each request of it ended: with a status, or `closed`. */
    count: (ended: string) => void,
    signal: AbortSignal,
  ) => unknown;
};

/** How often requests of each kind of client ended how. */
export type Ends = Readonly<Record<string, Readonly<Record<string, number>>>>;

export type CrowdOptions = {
  readonly origin: string;
  /** Keys that they share among them. */
  readonly keys: readonly string[];
  readonly slow: number;
  readonly greedy: number;
};

/** Lets slow and greedy clients loose, in a thread of their own; `stop` answers what became of them. */
export const startCrowd = (options: CrowdOptions): { stop(): Promise<Ends> } => {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  return {
    stop: async () => {
      worker.postMessage('stop');
      const [ends] = (await once(worker, 'message')) as [Ends];
      await worker.terminate();
      return ends;
    },
  };
};

const runCrowd = ({ origin, keys, slow, greedy }: CrowdOptions): void => {
  const stopping = new AbortController();
  const ends: Record<string, Record<string, number>> = {};
  const start = (clients: readonly Client[], number: number): void => {
    for (let index = 0; index < number; index += 1) {
      const { name, run } = clients[index % clients.length]!;
      const ended = (ends[name] ??= {});
      const count = (how: string): void => void (ended[how] = (ended[how] ?? 0) + 1);
      run(new URL(origin), keys[index % keys.length]!, count, stopping.signal);
    }
  };
  start(SLOW_CLIENTS, slow);
  start(GREEDY_CLIENTS, greedy);
  parentPort!.once('message', () => {
    parentPort!.postMessage(structuredClone(ends));
    stopping.abort();
  });
};

if (parentPort) runCrowd(workerData as CrowdOptions);
