import { spawn, type ChildProcess } from 'node:child_process';

const STOP_TIMEOUT_MS = 20_000;

/** A program to run, and how it is ended: politely, at once, and by a shell when we are no longer there. */
export type Program = {
  readonly command: string;
  readonly values: readonly string[];
  /** What in its command line tells it from every other process. */
  readonly mark: string;
  readonly terminate: (process: ChildProcess) => void;
  readonly kill: (process: ChildProcess) => void;
  readonly lastResort: (process: ChildProcess) => string;
};

/** A running broker that does not outlive this process, however this process ends. */
export class BrokerProcess {
  readonly #process: ChildProcess;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded = false;

  /** Starts the program; what it says goes to the open file `output`. */
  constructor(
    private readonly program: Program,
    output: number,
  ) {
    // Detached: a Ctrl-C at the terminal is for us, who stop the broker after those that use it.
    this.#process = spawn(program.command, program.values, {
      detached: true,
      stdio: ['ignore', output, output],
    });
    const guard = this.#process.pid ? guardOf(program.lastResort(this.#process)) : undefined;
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.hasEnded = true;
        guard?.kill('SIGKILL');
        resolve();
      };
      this.#process.once('exit', end);
      this.#process.once('error', end);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Stops it in order, or by force when that takes too long. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.program.terminate(this.#process);
    const timer = setTimeout(() => this.program.kill(this.#process), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once, as a power failure would. */
  async kill(): Promise<void> {
    if (!this.hasEnded) this.program.kill(this.#process);
    await this.ended;
  }
}

/** Runs a shell command as soon as this process has ended, even by `kill -9`: its end closes the guard's input. */
const guardOf = (command: string): ChildProcess | undefined => {
  if (process.platform === 'win32') return undefined;
  const guard = spawn('sh', ['-c', `read -r _; ${command}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  return guard;
};
