import {
  contractOf,
  type ContractClass,
  type ContractMessage,
  type Topic,
} from '@throughline/contracts';
import { START } from '@throughline/event-store';
import { newId } from '@throughline/kernel';
import {
  createLogger,
  EVERY_ACTION,
  Host,
  type Authenticate,
  type Runtime,
  type ServiceDefinition,
} from '@throughline/service-kit';
import { freshDatabaseUrl } from './database.js';

const CATCH_UP_MS = 30_000;

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
export type HttpAnswer = {
  readonly status: number;
  /** Parsed where it is JSON; the test says what it expects of it. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
};

/** One service on a fresh database, whose neighbours are played by the test. */
export type ServiceHarness = {
  readonly runtime: Runtime;
  http(
    method: Method,
    url: string,
    body?: object | string,
    headers?: Record<string, string>,
  ): Promise<HttpAnswer>;
  /** Hands a message to the service's consumers; resolves when it is handled, throws when that fails. */
  deliver<Data extends object>(
    type: ContractClass<Data>,
    key: string,
    data: Data,
    options?: { readonly id?: string; readonly correlationId?: string },
  ): Promise<ContractMessage<Data>>;
  /** What the service has published on a topic so far, in order. */
  published(topic: Topic): Promise<ContractMessage[]>;
  /** Waits until the projections have seen everything written. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a service for an integration test. Stop it after use. */
export const startService = async (
  definition: ServiceDefinition,
  options: { readonly now?: () => string; readonly authenticate?: Authenticate } = {},
): Promise<ServiceHarness> => {
  const host = await Host.create({
    definitions: [definition],
    connectionString: await freshDatabaseUrl(),
    logger: createLogger(process.env.LOG_LEVEL ?? 'silent'),
    authenticate: async () => ({ id: 'tester', name: 'tester', actions: EVERY_ACTION }),
    ...options,
  });
  const { runtime, parts, projections } = host.services.get(definition.name)!;
  for (const projection of projections) projection.start();

  const deliver: ServiceHarness['deliver'] = async (
    type,
    key,
    data,
    { id = newId(), correlationId = id } = {},
  ) => {
    const { topic, validate } = contractOf(type);
    const errors = validate(data);
    if (errors.length > 0) throw new Error(`Not a ${type.name}: ${JSON.stringify(errors)}`);
    const message: ContractMessage<typeof data> = {
      id,
      type: type.name,
      topic,
      source: 'test',
      key,
      time: runtime.now(),
      data,
      correlationId,
      causationId: id,
      stream: `test-${key}`,
      streamRevision: 0,
    };
    const readers = parts.consumers.filter(
      (consumer) => consumer.topic === topic && consumer.handlers.has(type.name),
    );
    if (readers.length === 0) throw new Error(`${definition.name} does not consume ${type.name}`);
    for (const { handlers } of readers) await handlers.get(type.name)!.handle(message as never);
    return message;
  };

  const published = async (topic: Topic): Promise<ContractMessage[]> => {
    const publishers = definition.publishers.filter((candidate) => candidate.topic === topic);
    const head = await runtime.store.head();
    const messages: ContractMessage[] = [];
    if (head === START) return messages;
    const reading = new AbortController();
    const categories = publishers.map(({ category }) => category);
    for await (const { events, position } of runtime.store.subscribe(
      categories,
      START,
      reading.signal,
    )) {
      for (const event of events)
        for (const { category, map } of publishers)
          if (event.stream.startsWith(`${category}-`)) messages.push(...map(event));
      if (position >= head) break;
    }
    return messages;
  };

  return {
    runtime,
    deliver,
    published,
    http: async (method, url, body, headers = {}) => {
      const answer = await host.app.inject({
        method,
        url,
        headers: { authorization: 'Bearer test', ...headers },
        ...(body !== undefined && { payload: body }),
      });
      const isJson = answer.body !== '' && String(answer.headers['content-type']).includes('json');
      return {
        status: answer.statusCode,
        body: isJson ? answer.json() : answer.body,
        headers: answer.headers,
      };
    },
    caughtUp: async () => {
      const head = await runtime.store.head();
      for (const projection of projections)
        if (!(await projection.caughtUp(head, CATCH_UP_MS)))
          throw new Error(`A projection did not catch up within ${CATCH_UP_MS} ms`);
    },
    stop: async () => {
      // Started here and not by the host, which does not know of it.
      await Promise.all(projections.map((projection) => projection.stop()));
      await host.stop();
    },
  };
};
