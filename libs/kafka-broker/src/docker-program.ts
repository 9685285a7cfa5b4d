import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { KAFKA_VERSION, type Say } from './assembly.js';
import type { Program } from './broker-process.js';
import { brokerSettings, type Ports } from './broker-settings.js';

const IMAGE = `apache/kafka:${KAFKA_VERSION}`;
const DATA_FOLDER = '/var/lib/kafka/data';
const DOCKER_TIMEOUT_MS = 30_000;
const PULL_TIMEOUT_MS = 600_000;

const run = promisify(execFile);
const docker = (values: readonly string[], timeout = DOCKER_TIMEOUT_MS) =>
  run('docker', values, { timeout });

/** Why Docker cannot run Kafka on this machine; undefined where it can, the network allowing. */
export const whyNoDocker = (env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> =>
  run('docker', ['info'], { timeout: DOCKER_TIMEOUT_MS, env }).then(
    () => undefined,
    () => 'no Docker engine answers',
  );

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
  // A container that has ended meanwhile is what was wanted.
  const tell = (...values: readonly string[]): void => void docker(values).catch(() => undefined);
  return {
    command: 'docker',
    mark: name,
    values: [
      ...['run', '--rm', '--name', name, '--publish', `127.0.0.1:${ports.broker}:${ports.broker}`],
      ...['--volume', `${name}:${DATA_FOLDER}`, ...variables, IMAGE],
    ],
    terminate: () => tell('stop', '--time', '15', name),
    kill: () => tell('kill', name),
    lastResort: () => `docker kill ${name}`,
  };
};

/** Fetches the image where it is missing, which may take minutes. */
export const fetchImage = async (say: Say): Promise<void> => {
  const isThere = await docker(['image', 'inspect', IMAGE]).catch(() => undefined);
  if (isThere) return;
  say(`Docker fetches ${IMAGE}, once ...`);
  await docker(['pull', '--quiet', IMAGE], PULL_TIMEOUT_MS);
};
