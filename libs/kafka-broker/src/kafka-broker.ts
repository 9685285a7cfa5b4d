import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { assembledKafka, javaProgram, type Say } from './assembly.js';
import { brokerAnswers } from './broker-answers.js';
import { BrokerProcess, type Program } from './broker-process.js';
import { brokerSettings, propertiesOf, type Ports } from './broker-settings.js';
import { dockerProgram } from './docker-program.js';

const START_TIMEOUT_MS = 120_000;
const FORMAT_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;
const LAST_WORDS_CHARACTERS = 2_000;
/** Below the ports that systems give to outgoing connections, so that no client takes ours while we are away. */
const PORTS = { first: 20_000, count: 10_000, tries: 50 };
const JAVA_FLAGS = [
  ...['-Xmx512m', '-XX:+ExitOnOutOfMemoryError', '-XX:-UsePerfData'],
  ...[
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
  ],
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];

export type BrokerOptions = {
  /** Where its data is kept from one start to the next. */
  readonly folder: string;
  /** A free port where left out. */
  readonly port?: number;
  /** What runs it: the Java of this machine, with Kafka from Maven Central (default), or Docker. */
  readonly runtime?: 'java' | 'docker';
  readonly say?: Say;
};

/** A Kafka of our own: one node (KRaft) on the loopback address, for tests and for trying things out. */
export class KafkaBroker {
  private constructor(
    /** `host:port`, as clients want it. */
    readonly address: string,
    private readonly process: BrokerProcess,
    private readonly logFile: string,
  ) {}

  /**
   * Starts a broker on the data in `folder`, which is made where missing, and answers when it is ready to be used.
   * Throws with its last words when it does not come up, and says what is missing where it cannot be had.
   */
  static async start({
    folder,
    port,
    runtime = 'java',
    say = () => undefined,
  }: BrokerOptions): Promise<KafkaBroker> {
    const home = resolve(folder);
    mkdirSync(home, { recursive: true });
    const ports = { broker: port ?? (await freePort()), controller: await freePort() };
    const program =
      runtime === 'docker' ? dockerProgram(home, ports) : await javaBroker(home, ports, say);
    const logFile = join(home, 'broker.log');
    const output = openSync(logFile, 'w');
    const process = new BrokerProcess(program, output);
    closeSync(output);
    const broker = new KafkaBroker(`127.0.0.1:${ports.broker}`, process, logFile);
    await broker.#untilReady(ports.broker);
    return broker;
  }

  /** Resolves when it has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.process.ended;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** What it said last. */
  lastWords(): string {
    return readFileSync(this.logFile, 'utf8').slice(-LAST_WORDS_CHARACTERS);
  }

  /** Stops it in order. Harmless when it has ended already. */
  stop(): Promise<void> {
    return this.process.stop();
  }

  /** Ends it at once (`kill -9`). A start on the same folder and port goes on with the same data. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  async #untilReady(port: number): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const isReady = await brokerAnswers(port);
      // Asked after the answer: another broker may hold the port, while ours has given up.
      if (this.process.hasEnded) throw new Error(`Kafka did not start:\n${this.lastWords()}`);
      if (isReady) return;
      if (performance.now() > deadline) {
        await this.kill();
        throw new Error(
          `Kafka was not ready within ${START_TIMEOUT_MS / 1000} s:\n${this.lastWords()}`,
        );
      }
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
    }
  }
}

/** Kafka on this machine's Java, its storage formatted, its settings written. */
const javaBroker = async (folder: string, ports: Ports, say: Say): Promise<Program> => {
  const classPath = join(await assembledKafka(say), '*');
  const dataFolder = join(folder, 'data');
  const settingsFile = join(folder, 'server.properties');
  if (!existsSync(dataFolder)) await format(folder, dataFolder, ports, classPath);
  writeFileSync(settingsFile, propertiesOf(brokerSettings(ports, { dataFolder })));
  return {
    command: javaProgram(),
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
): Promise<void> => {
  const unfinished = join(folder, 'data-unfinished');
  const settingsFile = join(folder, 'format.properties');
  // Sixteen bytes in base64; the first stays zero, because a leading dash would look like an option.
  const clusterId = Buffer.concat([Buffer.alloc(1), randomBytes(15)]).toString('base64url');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(settingsFile, propertiesOf(brokerSettings(ports, { dataFolder: unfinished })));
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile];
  await promisify(execFile)(
    javaProgram(),
    ['-XX:TieredStopAtLevel=1', ...JAVA_FLAGS, '-cp', classPath, ...tool],
    { timeout: FORMAT_TIMEOUT_MS },
  );
  rmSync(settingsFile);
  renameSync(unfinished, dataFolder);
};

const freePort = async (): Promise<number> => {
  for (let left = PORTS.tries; left > 0; left -= 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${PORTS.first} on`);
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resume) => {
    const server = createServer();
    server.once('error', () => resume(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resume(true)));
  });
