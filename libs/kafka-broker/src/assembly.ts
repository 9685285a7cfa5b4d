import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The newest release that is complete on Maven Central and that kafkajs 2.2.4 was seen to work with. */
export const KAFKA_VERSION = '4.3.1';
const JAVA_VERSION_MIN = 17;
const LOOK_TIMEOUT_MS = 20_000;
const FETCH_TIMEOUT_MS = 600_000;
const SAY_EVERY_KILOBYTES = 5_000;
const WORDS_CHARACTERS_MAX = 10_000;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** A server that has gone silent is given up; Maven 3.8 and 3.9 have different names for it, and half an hour of patience. */
const NETWORK_DEADLINES = [
  '-Dmaven.wagon.http.retryHandler.count=3',
  '-Dmaven.wagon.rto=60000',
  '-Daether.connector.requestTimeout=60000',
];

const here = import.meta.dirname;
const pom = join(here, '../maven/pom.xml');
const cache = join(here, '../../../node_modules/.cache/throughline');
const assembled = join(cache, `kafka-${KAFKA_VERSION}`);
const run = promisify(execFile);

/** Says what goes on, one line at a time. */
export type Say = (line: string) => void;

/** The Java program that runs Kafka: that of `JAVA_HOME`, else the one on the path. */
export const javaProgram = ({ JAVA_HOME }: NodeJS.ProcessEnv = process.env): string =>
  JAVA_HOME ? join(JAVA_HOME, 'bin', 'java') : 'java';

/** Whether Kafka's programs are here already, so that a start needs neither Maven nor network. */
export const isAssembled = (): boolean => existsSync(assembled);

/** Why Kafka cannot be run with Java and Maven on this machine; undefined where it can, the network allowing. */
export const whyNotAssembled = async (
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> => {
  const look = (program: string) =>
    run(program, ['-version'], { timeout: LOOK_TIMEOUT_MS, env }).catch(() => undefined);
  const java = await look(javaProgram(env));
  if (!java) return `there is no Java (${JAVA_VERSION_MIN} or newer)`;
  const version = Number(/version "(\d+)/.exec(java.stderr)?.[1]);
  if (!(version >= JAVA_VERSION_MIN))
    return `Kafka ${KAFKA_VERSION} needs Java ${JAVA_VERSION_MIN} or newer, and this is ${version}`;
  const canBeFetched = isAssembled() || (await look('mvn')) !== undefined;
  return canBeFetched ? undefined : 'there is no Maven (`mvn`) to fetch Kafka with';
};

/**
 * The folder with Kafka's programs. Maven fetches them once; from then on neither Maven nor network is needed.
 * Processes that fetch at the same time do not disturb one another: each fetches aside, one moves into place.
 * Throws with Maven's words when they cannot be had.
 */
export const assembledKafka = async (say: Say): Promise<string> => {
  const reason = await whyNotAssembled();
  if (reason) throw new Error(`No Kafka: ${reason}`);
  if (isAssembled()) return assembled;
  say(`Fetching Kafka ${KAFKA_VERSION} from Maven Central, once (about 65 MB) ...`);
  const unfinished = `${assembled}-unfinished-${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    await fetchInto(unfinished, say);
    if (!isAssembled()) renameSync(unfinished, assembled);
  } catch (error) {
    // Another process may have been faster, or even have been in our way.
    if (!isAssembled()) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return assembled;
};

const fetchInto = async (folder: string, say: Say): Promise<void> => {
  const maven = spawn(
    'mvn',
    [
      ...['--batch-mode', '--strict-checksums', '--file', pom, `-Dkafka.version=${KAFKA_VERSION}`],
      ...[COPY, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`, ...NETWORK_DEADLINES],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: FETCH_TIMEOUT_MS },
  );
  let words = '';
  let kilobytes = 0;
  const hear = (chunk: Buffer): void => {
    const text = chunk.toString();
    const before = Math.floor(kilobytes / SAY_EVERY_KILOBYTES);
    for (const [, size, unit] of text.matchAll(/Downloaded from .*\(([\d.]+) ([kM])B at/g))
      kilobytes += Number(size) * (unit === 'M' ? 1_000 : 1);
    if (Math.floor(kilobytes / SAY_EVERY_KILOBYTES) > before)
      say(`  ${Math.round(kilobytes / 1_000)} MB`);
    words = (words + text).slice(-WORDS_CHARACTERS_MAX);
  };
  maven.stdout.on('data', hear);
  maven.stderr.on('data', hear);
  const code = await new Promise<number | null>((resolve, reject) => {
    maven.once('error', reject);
    maven.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(
      `Maven could not fetch Kafka ${KAFKA_VERSION} (is there a network?):\n${words}`,
    );
};
