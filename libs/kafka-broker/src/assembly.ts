import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The newest release that is complete on Maven Central and that kafkajs 2.2.4 was seen to work with. */
export const KAFKA_VERSION = '4.3.1';
const JAVA_VERSION_MIN = 17;
const LOOK_TIMEOUT_MS = 20_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;
const WORDS_CHARACTERS_MAX = 2_000;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const here = import.meta.dirname;
const pom = join(here, '../maven/pom.xml');
const cache = join(here, '../../../node_modules/.cache/throughline');
const assembled = join(cache, `kafka-${KAFKA_VERSION}`);
const run = promisify(execFile);

/** Says what goes on, one line at a time. */
export type Say = (line: string) => void;

/** The Java program that runs Kafka: that of `JAVA_HOME`, else the one on the path. */
export const javaProgram = (): string =>
  process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

/** Why Kafka cannot be run with Java and Maven on this machine; undefined where it can, the network allowing. */
export const whyNotAssembled = async (): Promise<string | undefined> => {
  const java = await run(javaProgram(), ['-version'], { timeout: LOOK_TIMEOUT_MS }).catch(
    () => undefined,
  );
  if (!java) return `there is no Java (${JAVA_VERSION_MIN} or newer)`;
  const version = Number(/version "(\d+)/.exec(java.stderr)?.[1]);
  if (!(version >= JAVA_VERSION_MIN))
    return `Kafka ${KAFKA_VERSION} needs Java ${JAVA_VERSION_MIN} or newer, and this is ${version}`;
  if (existsSync(assembled)) return undefined;
  const isMavenThere = await run('mvn', ['-version'], { timeout: LOOK_TIMEOUT_MS }).then(
    () => true,
    () => false,
  );
  return isMavenThere ? undefined : 'there is no Maven (`mvn`) to fetch Kafka with';
};

/**
 * The folder with Kafka's programs. Maven fetches them once; from then on neither Maven nor network is needed.
 * Processes that fetch at the same time do not disturb one another: each fetches aside, one moves into place.
 * Throws with Maven's words when they cannot be had.
 */
export const assembledKafka = async (say: Say): Promise<string> => {
  const reason = await whyNotAssembled();
  if (reason) throw new Error(`No Kafka: ${reason}`);
  if (existsSync(assembled)) return assembled;
  say(`Fetching Kafka ${KAFKA_VERSION} from Maven Central, once (about 45 MB) ...`);
  const unfinished = `${assembled}-unfinished-${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    await fetchInto(unfinished, say);
    if (!existsSync(assembled)) renameSync(unfinished, assembled);
  } catch (error) {
    // Another process may have been faster, or even have been in our way.
    if (!existsSync(assembled)) throw error;
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
      ...[COPY, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DOWNLOAD_TIMEOUT_MS,
      shell: process.platform === 'win32',
    },
  );
  let words = '';
  let files = 0;
  const hear = (chunk: Buffer): void => {
    const text = chunk.toString();
    for (const [, file] of text.matchAll(/Downloaded from \S+ \S*\/(\S+\.jar)/g))
      say(`  ${(files += 1)}: ${file}`);
    words = (words + text.replaceAll(/^.*Download.*$\n?/gm, '')).slice(-WORDS_CHARACTERS_MAX);
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
