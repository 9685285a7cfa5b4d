import {
  CancelledError,
  DeadlineExceededError,
  EventStoreDBClient,
  isCommandError,
  ErrorType,
  UnavailableError,
  type StreamingRead,
} from '@eventstore/db-client';
import { ServerFeatures } from '@eventstore/db-client/dist/Client/ServerFeatures.js';
import { TransientError } from '@throughline/kernel';
import { sharedCall } from './shared-call.js';

/** How long any call may take. Of a write nobody knows then whether it was done. */
export const CALL_DEADLINE_MS = 2_000;
/** The call's own deadline comes first: what it says is more precise. */
const GRACE_MS = 200;
/** After so long the connection is asked for a sign of life. */
const DOUBT_MS = CALL_DEADLINE_MS / 2;

type HandleError = (client: unknown, error: Error) => Promise<void>;
type GetChannel = () => Promise<{ close(): void }>;
type Execute = (...action: typeof ServerFeatures.createServerFeatures) => Promise<unknown>;

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
/** How gRPC says that a message is larger than it may be; with the same status it also says that it has no room just now. */
const TOO_LARGE = /message .*(larger|exceeds)/i;
const RESOURCE_EXHAUSTED = 8;

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

/**
 * The one connection of a store. After a call that met its deadline the next ones get a new connection, unless the old one has
 * shown life: a server that is slow would only get slower when all its subscriptions have to be made again.
 */
export class EventStoreConnection {
  #client: EventStoreDBClient;
  #heardMs = -Infinity;
  readonly #ping = sharedCall(() => this.#askForLife());

  constructor(private readonly connectionString: string) {
    this.#client = connect(connectionString);
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** When the store last answered anything, on the clock of `performance.now()`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Waits for a call, at most for the deadline. Throws `TransientError` where trying again may help. */
  async call<Result>(
    what: string,
    make: (client: EventStoreDBClient) => Promise<Result>,
  ): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const inTime = (client: EventStoreDBClient) => Promise.race([make(client), late.promise]);
    const giveUp = (): void => late.reject(lateError(what));
    return this.#within(what, CALL_DEADLINE_MS + GRACE_MS, giveUp, inTime);
  }

  /** Everything that a read answers, within the deadline. */
  async collect<Item>(
    what: string,
    make: (client: EventStoreDBClient) => StreamingRead<Item>,
  ): Promise<Item[]> {
    let reading: StreamingRead<Item> | undefined;
    const giveUp = (): void => void reading?.destroy(lateError(what));
    return this.#within(what, CALL_DEADLINE_MS, giveUp, async (client) => {
      const items: Item[] = [];
      reading = make(client).on('error', ignore);
      try {
        for await (const item of reading) items.push(item);
        return items;
      } catch (error) {
        reading.cancel().catch(ignore);
        throw error;
      }
    });
  }

  async stop(): Promise<void> {
    await Promise.race([this.#client.dispose(), pause(CALL_DEADLINE_MS)]);
    await close(this.#client);
  }

  async #within<Result>(
    what: string,
    deadlineMs: number,
    giveUp: () => void,
    work: (client: EventStoreDBClient) => Promise<Result>,
  ): Promise<Result> {
    const client = this.#client;
    const begunMs = performance.now();
    const doubt = setTimeout(() => void this.#ping().catch(ignore), DOUBT_MS);
    const timer = setTimeout(giveUp, deadlineMs);
    try {
      const result = await work(client);
      this.#heard(client);
      return result;
    } catch (error) {
      throw this.#judge(what, client, begunMs, error);
    } finally {
      clearTimeout(doubt);
      clearTimeout(timer);
    }
  }

  #heard(client: EventStoreDBClient): void {
    if (client === this.#client) this.#heardMs = performance.now();
  }

  /** A question that the server answers without a look at its disk. */
  async #askForLife(): Promise<void> {
    const client = this.#client;
    const execute = Reflect.get(client, 'execute') as Execute;
    const late = pause(DOUBT_MS).then(() => Promise.reject(lateError('a sign of life')));
    await Promise.race([execute(...ServerFeatures.createServerFeatures), late]);
    this.#heard(client);
  }

  #judge(what: string, client: EventStoreDBClient, begunMs: number, error: unknown): unknown {
    const isLate = error instanceof LateError || error instanceof DeadlineExceededError;
    if (isLate && client === this.#client && this.#heardMs < begunMs + DOUBT_MS) {
      // The network may have forgotten the old connection; a new one finds out sooner.
      this.#client = connect(this.connectionString);
      void close(client);
    }
    if (!isLate && !isAway(error)) this.#heard(client);
    if (!isTransient(error)) return error;
    const text = `${what}: ${(error as Error).message}`;
    return isLate || isAway(error)
      ? new StoreAwayError(text, isLate, { cause: error })
      : new TransientError(text, { cause: error });
  }
}

/** What ended a subscription, as a call would tell it. */
export const subscriptionError = (error: unknown): unknown =>
  isAway(error)
    ? new StoreAwayError(`subscription: ${(error as Error).message}`, false, { cause: error })
    : error;

/** The store does not answer: all who use it meet the same, so it is told once for all of them. */
export class StoreAwayError extends TransientError {
  constructor(
    text: string,
    /** It did not answer in time; otherwise there is nothing that could. */
    readonly isLate: boolean,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

class LateError extends Error {
  override readonly name = 'LateError';
}
const lateError = (what: string): LateError =>
  new LateError(`No answer to ${what} within ${CALL_DEADLINE_MS} ms`);

const isAway = (error: unknown): boolean =>
  error instanceof UnavailableError || error instanceof CancelledError;

const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error) || !isCommandError(error))
    return !(error instanceof TypeError || error instanceof RangeError);
  if (error.type === ErrorType.WRONG_EXPECTED_VERSION || error.type === ErrorType.STREAM_NOT_FOUND)
    return false;
  if (error.code === RESOURCE_EXHAUSTED && TOO_LARGE.test(error.message)) return false;
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
