import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { KAFKA_VERSION } from './assembly.js';
import { brokerSettings, type Ports } from './broker-settings.js';
import type { Program } from './broker-process.js';

const DATA_FOLDER = '/var/lib/kafka/data';
const SIGNAL_TIMEOUT_MS = 30_000;

/**
 * Kafka's official image, in the foreground. The data of a folder is kept in a volume named after it, because the
 * image's user may not write to a folder of ours. The image takes settings as variables (`node.id` as `KAFKA_NODE_ID`).
 */
export const dockerProgram = (folder: string, ports: Ports): Program => {
  const name = `throughline-kafka-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const settings = brokerSettings(ports, { dataFolder: DATA_FOLDER, host: '0.0.0.0' });
  const variables = Object.entries(settings).flatMap(([setting, value]) => [
    '--env',
    `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}=${value}`,
  ]);
  const docker = (...values: readonly string[]) =>
    execFile('docker', values, { timeout: SIGNAL_TIMEOUT_MS }, () => undefined);
  return {
    command: 'docker',
    values: [
      ...['run', '--rm', '--name', name, '--publish', `127.0.0.1:${ports.broker}:${ports.broker}`],
      ...['--volume', `${name}:${DATA_FOLDER}`, ...variables, `apache/kafka:${KAFKA_VERSION}`],
    ],
    terminate: () => docker('stop', name),
    kill: () => docker('kill', name),
    lastResort: () => `docker kill ${name}`,
  };
};
