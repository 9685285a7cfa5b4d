import { setTimeout as delay } from 'node:timers/promises';
import { AsideLimit } from '@throughline/event-store';
import { FaultNews } from '@throughline/kernel';
import { OvertakenError } from './projection-positions.js';
import { Rebuild } from './rebuild.js';
import type { RebuildOptions } from './rebuild-site.js';
import { isRebuildWanted, noteRebuildError } from './rebuild-requests.js';
import type { Logger } from 'pino';

const LOOK_EVERY_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/** Takes up the rebuilds of one projection that are asked for, and tries again, ever more slowly, what fails. */
export class RebuildWorker {
  #failures = 0;
  readonly #news = new FaultNews();
  readonly #limit = new AsideLimit();

  constructor(
    private readonly options: Omit<RebuildOptions, 'limit'> & { readonly logger: Logger },
  ) {}

  /** Works until `signal` aborts; `onChanged` hears when new rows are in place. */
  async run(signal: AbortSignal, onChanged: () => void): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal, onChanged);
      const waitMs = Math.min(LOOK_EVERY_MS * 2 ** this.#failures, RETRY_MAX_MS);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(signal: AbortSignal, onChanged: () => void): Promise<void> {
    const { projection, database, logger } = this.options;
    const { name } = projection;
    try {
      if (await isRebuildWanted(database, projection)) {
        logger.info({ projection: name }, 'rebuild begins or goes on');
        if (await new Rebuild({ ...this.options, limit: this.#limit }).run(signal)) {
          onChanged();
          logger.info({ projection: name }, 'rebuild done');
        }
      }
      this.#failures = 0;
    } catch (error) {
      if (error instanceof OvertakenError) return;
      this.#failures += 1;
      const level = this.#news.isNews(error) ? 'error' : 'debug';
      logger[level]({ err: error, projection: name }, 'rebuild does not get on');
      const words = error instanceof Error ? error.message : String(error);
      await noteRebuildError(database, name, words).catch(() => undefined);
    }
  }
}
