import { AsyncLocalStorage } from 'node:async_hooks';
import { currentTraceId } from './tracing.js';

/** What a log line says about the work that it comes from. Ids only: never data, least of all personal data. */
export type LogContext = {
  readonly service?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly orderId?: string;
  readonly messageId?: string;
  readonly eventId?: string;
  readonly stream?: string;
  readonly revision?: number;
  readonly group?: string;
  readonly topic?: string;
};

const storage = new AsyncLocalStorage<LogContext>();

/** Everything logged by `work` carries `fields`, and those of the work around it. */
export const withLogContext = <Result>(fields: LogContext, work: () => Result): Result =>
  storage.run({ ...storage.getStore(), ...fields }, work);

/** Adds what has become known meanwhile to the work that is going on; without effect outside of any. */
export const addToLogContext = (fields: LogContext): void => {
  const around = storage.getStore();
  if (around) Object.assign(around, fields);
};

/** What a log line of the running code carries besides its own words. */
export const logContext = (): LogContext & { readonly traceId?: string } => {
  const traceId = currentTraceId();
  return { ...storage.getStore(), ...(traceId !== undefined && { traceId }) };
};
