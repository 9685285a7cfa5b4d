import {
  DeadlineExceededError,
  EventStoreDBClient,
  isCommandError,
  ErrorType,
  type StreamingRead,
} from '@eventstore/db-client';
import { TransientError } from '@throughline/kernel';

/** How long any call may take. Of a write nobody knows then whether it was done. */
export const CALL_DEADLINE_MS = 2_000;
/** The call's own deadline comes first: what it says is more precise. */
const GRACE_MS = 200;

type HandleError = (client: unknown, error: Error) => Promise<void>;
type GetChannel = () => Promise<{ close(): void }>;

/** Errors that would come again, and that leave no doubt that nothing was written. */
const FAULTS: ReadonlySet<string> = new Set([
  ErrorType.ACCESS_DENIED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.INVALID_TRANSACTION,
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
  ErrorType.STREAM_DELETED,
  ErrorType.UNSUPPORTED,
]);
/** Of gRPC: invalid argument, permission denied, failed precondition, out of range, unimplemented. */
const FAULT_CODES: ReadonlySet<number> = new Set([3, 7, 9, 11, 12]);

const ignore = (): undefined => undefined;

/**
 * A client that never uses the batch append, whose pending calls the whole process shares (one error there fails
 * everybody's appends), and that asks no server what it can do before it appends, which has no deadline.
 */
const connect = (connectionString: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const handleError = Reflect.get(client, 'handleError') as HandleError;
  return Object.assign(client, {
    supports: async () => false,
    // Nobody waits for it inside the client: rejected, it would end the process.
    handleError: (...failed: Parameters<HandleError>) => handleError(...failed).catch(ignore),
  });
};

/** The one connection of a store. After a call that met its deadline the next ones get a new connection. */
export class EventStoreConnection {
  #client: EventStoreDBClient;

  constructor(private readonly connectionString: string) {
    this.#client = connect(connectionString);
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** Waits for a call, at most for the deadline. Throws `TransientError` where trying again may help. */
  async call<Result>(
    what: string,
    make: (client: EventStoreDBClient) => Promise<Result>,
  ): Promise<Result> {
    const client = this.#client;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(lateError(what)), CALL_DEADLINE_MS + GRACE_MS);
    try {
      return await Promise.race([make(client), late.promise]);
    } catch (error) {
      throw this.#judge(what, client, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Everything that a read answers, within the deadline. */
  async collect<Item>(
    what: string,
    make: (client: EventStoreDBClient) => StreamingRead<Item>,
  ): Promise<Item[]> {
    const client = this.#client;
    const items: Item[] = [];
    const reading = make(client).on('error', ignore);
    const timer = setTimeout(() => reading.destroy(lateError(what)), CALL_DEADLINE_MS);
    try {
      for await (const item of reading) items.push(item);
      return items;
    } catch (error) {
      reading.cancel().catch(ignore);
      throw this.#judge(what, client, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    await Promise.race([this.#client.dispose(), pause(CALL_DEADLINE_MS)]);
    await close(this.#client);
  }

  #judge(what: string, client: EventStoreDBClient, error: unknown): unknown {
    const isLate = error instanceof LateError || error instanceof DeadlineExceededError;
    if (isLate && client === this.#client) {
      // The network may have forgotten the old connection; a new one finds out sooner.
      this.#client = connect(this.connectionString);
      void close(client);
    }
    return isTransient(error)
      ? new TransientError(`${what}: ${(error as Error).message}`, { cause: error })
      : error;
  }
}

class LateError extends Error {
  override readonly name = 'LateError';
}
const lateError = (what: string): LateError =>
  new LateError(`No answer to ${what} within ${CALL_DEADLINE_MS} ms`);

const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error) || !isCommandError(error))
    return !(error instanceof TypeError || error instanceof RangeError);
  if (error.type === ErrorType.WRONG_EXPECTED_VERSION || error.type === ErrorType.STREAM_NOT_FOUND)
    return false;
  return !FAULTS.has(error.type) && !(error.code !== undefined && FAULT_CODES.has(error.code));
};

const close = async (client: EventStoreDBClient): Promise<void> => {
  try {
    (await (Reflect.get(client, 'getChannel') as GetChannel)()).close();
  } catch {
    // There was none.
  }
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs).unref();
  });
