import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from './access.js';

/** How often the key of an answer that goes on and on is looked at again. */
export const KEY_LOOK_MS = 2_000;
/** For so long such an answer goes on while it cannot be told who holds the key. */
export const KEY_UNPROVEN_MS = 30_000;

/** Whether a key or token is still valid. Throws when that cannot be told now. */
export type StillValid = () => Promise<boolean>;

/**
 * Looks again and again at the key of an answer that goes on. Answers the end of the key; `stop` ends the watch.
 * Each look uses what is known of keys already, so that many readers ask nothing more than one does.
 */
export const watchKey = (
  stillValid: StillValid,
  { everyMs = KEY_LOOK_MS, unprovenMs = KEY_UNPROVEN_MS } = {},
) => {
  const ended = new AbortController();
  let provenAtMs = performance.now();
  const look = async (): Promise<void> => {
    try {
      if (!(await stillValid())) return ended.abort();
      provenAtMs = performance.now();
    } catch {
      if (performance.now() - provenAtMs > unprovenMs) ended.abort();
    }
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  const stop = (): void => clearInterval(timer);
  ended.signal.addEventListener('abort', stop);
  return { signal: ended.signal, stop };
};

/** Whether the key of a live stream is still valid, as a controller's parameter. */
export const KeyStillValid = createParamDecorator(
  (_: unknown, context: ExecutionContext): StillValid =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().stillValid!,
);
