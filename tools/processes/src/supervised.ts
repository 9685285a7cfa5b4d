import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';

const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 4_000;
/** One that ran for so long starts again without a pause when it dies. */
const STEADY_MS = 20_000;
const STOP_TIMEOUT_MS = 25_000;

export type Plan = {
  readonly name: string;
  /** File that Node runs. */
  readonly program: string;
  readonly port: number;
  /** Where it serves metrics, and readiness in detail. */
  readonly metricsPort: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
};

/** A process that is started again whenever it ends by itself, after growing pauses. */
export class Supervised {
  #process: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #pauseMs = PAUSE_FIRST_MS;

  constructor(
    readonly plan: Plan,
    /** Told when it has ended without having been asked to, and when it runs again. */
    private readonly onChange: (change: string) => void,
  ) {}

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { program, environment, logFile } = this.plan;
    const log = openSync(logFile, 'a');
    const process = spawn(globalThis.process.execPath, ['--enable-source-maps', program], {
      env: { ...globalThis.process.env, ...environment },
      // The channel carries nothing; its end tells the process that this one is gone, even by `kill -9`.
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#process = process;
    const startedAt = performance.now();
    process.once('exit', (code, signal) => {
      if (this.#isStopping) return;
      if (performance.now() - startedAt > STEADY_MS) this.#pauseMs = PAUSE_FIRST_MS;
      this.#timer = setTimeout(() => {
        this.start();
        this.onChange('started again');
      }, this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS);
      this.onChange(`ended (${signal ?? `code ${code}`}); starting it again`);
    });
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const process = this.#process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    const last = setTimeout(() => process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(last);
  }
}
