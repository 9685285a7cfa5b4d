import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '@throughline/postgres';
import type { Say } from './assembly.js';
import { brokerAnswers } from './broker-answers.js';
import { BrokerProcess } from './broker-process.js';
import { dockerProgram, fetchImage } from './docker-program.js';
import { freePort, noteHolder, untilFolderIsFree, untilPortIsFree } from './holders.js';
import { javaBrokerProgram } from './java-program.js';
import { certificatesIn, type Certificates, type Security } from './security.js';

const START_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 50;
const LAST_WORDS_CHARACTERS = 2_000;

export type BrokerOptions = {
  /** Where its data is kept from one start to the next. */
  readonly folder: string;
  /** A free port where left out. */
  readonly port?: number;
  /** What runs it: the Java of this machine, with Kafka from Maven Central (default), or Docker. */
  readonly runtime?: 'java' | 'docker';
  /** Gives it a second listener, on which clients log in and have rights (Java alone). */
  readonly security?: Security;
  readonly say?: Say;
};

export type Secured = Certificates & { readonly address: string };

/** A Kafka of our own: one node (KRaft) on the loopback address, for tests and for trying things out. */
export class KafkaBroker {
  private constructor(
    /** `host:port`, as clients want it. */
    readonly address: string,
    /** Where clients log in, and what they need for it. */
    readonly secured: Secured | undefined,
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
    security: wanted,
    say = () => undefined,
  }: BrokerOptions): Promise<KafkaBroker> {
    const home = resolve(folder);
    makeFolder(home);
    await untilFolderIsFree(home);
    if (port) await untilPortIsFree(port);
    if (runtime === 'docker') await fetchImage(say);
    const security = runtime === 'java' ? wanted : undefined;
    const certificates = security && (await certificatesIn(home));
    const ports = {
      broker: port ?? (await freePort()),
      controller: await freePort(),
      secured: security && (await freePort()),
    };
    const program =
      runtime === 'docker'
        ? dockerProgram(home, ports)
        : await javaBrokerProgram(home, ports, say, security);
    const logFile = join(home, 'broker.log');
    const output = openSync(logFile, 'w');
    const process = new BrokerProcess(program, output);
    closeSync(output);
    if (process.pid) noteHolder(home, process.pid, program.mark);
    const secured = certificates && { address: `127.0.0.1:${ports.secured}`, ...certificates };
    const broker = new KafkaBroker(`127.0.0.1:${ports.broker}`, secured, process, logFile);
    await broker.#untilReady();
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

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const isReady = await brokerAnswers(this.address);
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
