import { execFile } from 'node:child_process';
import { whyNotAssembled } from './assembly.js';

const LOOK_TIMEOUT_MS = 10_000;

/** Where a Kafka is to be had: given by `KAFKA_BROKERS`, run by Docker, run by Java; or why from nowhere. */
export type BrokerSource =
  | { readonly from: 'given'; readonly brokers: readonly string[] }
  | { readonly from: 'docker' }
  | { readonly from: 'java' }
  | { readonly from: 'nowhere'; readonly reason: string };

/** Looks for the three in this order. Starts nothing and fetches nothing. */
export const brokerSource = async (
  environment: NodeJS.ProcessEnv = process.env,
): Promise<BrokerSource> => {
  const brokers = (environment.KAFKA_BROKERS ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  if (brokers.length > 0) return { from: 'given', brokers };
  if (await isDockerThere()) return { from: 'docker' };
  const reason = await whyNotAssembled();
  if (!reason) return { from: 'java' };
  return {
    from: 'nowhere',
    reason: `KAFKA_BROKERS is not set, no Docker engine answers, ${reason}`,
  };
};

const isDockerThere = (): Promise<boolean> =>
  new Promise((resolve) => {
    execFile('docker', ['info'], { timeout: LOOK_TIMEOUT_MS }, (error) => resolve(error === null));
  });
