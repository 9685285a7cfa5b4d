import type { Logger } from 'pino';

/** Ways in which a process is told to end: by its supervisor, by Ctrl-C, and by a terminal that is closed. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Longer than all that stopping waits for; what is left then is lost with the process, and comes again. */
const STOP_TIMEOUT_MS = 20_000;

/**
 * Ends the process in order at the first signal, or when the process that supervises it by a channel is gone, with
 * code 0; with 1 when that takes too long.
 */
export const stopOnSignals = (stop: () => Promise<unknown>, logger: Logger): void => {
  let isStopping = false;
  const end = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    await stop();
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => void end(signal));
  if (process.connected === false) void end('disconnect');
  else process.once('disconnect', () => void end('disconnect'));
};
