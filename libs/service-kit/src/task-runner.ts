import { FaultNews } from '@throughline/kernel';
import type { Logger } from 'pino';
import type { Task } from './service.js';

/** Runs a task again and again, one run at a time; a run that fails is logged and comes again. */
export class TaskRunner {
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<void> = Promise.resolve();
  #isStopped = false;
  readonly #news = new FaultNews();

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
      if (this.#news.isOver()) this.logger.info({ task: this.task.name }, 'task runs again');
    } catch (error) {
      const level = this.#news.isNews(error) ? 'warn' : 'debug';
      this.logger[level]({ err: error, task: this.task.name }, 'task failed');
    }
  }
}
