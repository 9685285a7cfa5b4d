import type { Relay } from '@throughline/messaging';
import type { ProjectionRunner } from '@throughline/read-model';
import { forgetBreaches } from '@throughline/telemetry';
import type { Logger } from 'pino';
import type { Task } from './service.js';
import { TaskRunner } from './task-runner.js';

/**
 * What one process at a time does for a service: projecting, publishing, and tasks that run again and
 * again. It runs until `signal` aborts; two processes that overlap for a moment do no harm.
 */
export const runDuties = async (
  {
    service,
    projections,
    relay,
    tasks,
    logger,
  }: {
    readonly service: string;
    readonly projections: readonly ProjectionRunner[];
    readonly relay: Relay | undefined;
    readonly tasks: readonly Task[];
    readonly logger: Logger;
  },
  signal: AbortSignal,
): Promise<void> => {
  const runners = tasks.map((task) => new TaskRunner(task, logger));
  const projecting = projections.map((projection) => projection.run(signal));
  const publishing = relay?.run(signal);
  for (const runner of runners) runner.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.all([...runners.map((runner) => runner.stop()), ...projecting, publishing]);
  await forgetBreaches(service);
};
