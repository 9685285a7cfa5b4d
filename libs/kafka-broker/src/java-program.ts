import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assembledKafka, javaProgram, type Say } from './assembly.js';
import type { Program } from './broker-process.js';
import { brokerSettings, propertiesOf, type Ports } from './broker-settings.js';
import { formatUsers, securitySettings, type Security } from './security.js';

const FORMAT_TIMEOUT_MS = 60_000;
const LOGGER = '-Dorg.slf4j.simpleLogger';
const JAVA_FLAGS = [
  ...['-Xmx512m', '-XX:+ExitOnOutOfMemoryError', '-XX:-UsePerfData'],
  ...[`${LOGGER}.defaultLogLevel=warn`, `${LOGGER}.showDateTime=true`],
  `${LOGGER}.dateTimeFormat=HH:mm:ss.SSS`,
];

/** Kafka on this machine's Java, with its programs fetched, its storage formatted and its settings written. */
export const javaBrokerProgram = async (
  folder: string,
  ports: Ports,
  say: Say,
  security?: Security,
): Promise<Program> => {
  const classPath = join(await assembledKafka(say), '*');
  const dataFolder = join(folder, 'data');
  const settingsFile = join(folder, 'server.properties');
  if (!existsSync(dataFolder)) await format(folder, dataFolder, ports, classPath, security);
  const settings = {
    ...brokerSettings(ports, { dataFolder }),
    ...(security && securitySettings(folder, security)),
  };
  writeFileSync(settingsFile, propertiesOf(settings));
  return {
    command: javaProgram(),
    mark: settingsFile,
    values: [...JAVA_FLAGS, '-cp', classPath, 'kafka.Kafka', settingsFile],
    terminate: (process) => process.kill('SIGTERM'),
    kill: (process) => process.kill('SIGKILL'),
    lastResort: ({ pid }) => `kill -9 ${pid}`,
  };
};

/** Made aside, so that a start that was cut off does not leave half a storage in its place. */
const format = async (
  folder: string,
  dataFolder: string,
  ports: Ports,
  classPath: string,
  security: Security | undefined,
): Promise<void> => {
  const unfinished = join(folder, 'data-unfinished');
  const settingsFile = join(folder, 'format.properties');
  // Sixteen bytes in base64; the first stays zero, because a leading dash would look like an option.
  const clusterId = Buffer.concat([Buffer.alloc(1), randomBytes(15)]).toString('base64url');
  rmSync(unfinished, { recursive: true, force: true });
  const plain = { broker: ports.broker, controller: ports.controller };
  writeFileSync(settingsFile, propertiesOf(brokerSettings(plain, { dataFolder: unfinished })));
  const users = security ? formatUsers(security) : [];
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile, ...users];
  await promisify(execFile)(
    javaProgram(),
    ['-XX:TieredStopAtLevel=1', ...JAVA_FLAGS, '-cp', classPath, ...tool],
    { timeout: FORMAT_TIMEOUT_MS },
  );
  rmSync(settingsFile);
  renameSync(unfinished, dataFolder);
};
