import type { Logger } from 'pino';
import type { Task } from './service.js';

/** Runs a task again and again, one run at a time; a run that fails is logged and comes again. */
export class TaskRunner {
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly task: Task,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#current = this.#run().finally(() => this.start());
    }, this.task.everyMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#current;
  }

  async #run(): Promise<void> {
    try {
      await this.task.run();
    } catch (error) {
      this.logger.warn({ err: error, task: this.task.name }, 'task failed');
    }
  }
}
