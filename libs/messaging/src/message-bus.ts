import {
  contractOf,
  type ContractClass,
  type ContractMessage,
  type Topic,
} from '@throughline/contracts';
import type { Codec, EventStore, RecordedEvent } from '@throughline/event-store';
import { derivedId, type Message } from '@throughline/kernel';

type Handle<Data extends object> = (message: ContractMessage<Data>) => Promise<void>;
export type MessageHandler = { readonly type: ContractClass; readonly handle: Handle<never> };

/** Ties one contract class to what is done with its messages. */
export const on = <Data extends object>(
  type: ContractClass<Data>,
  handle: Handle<Data>,
): MessageHandler => ({ type, handle: handle as Handle<never> });

/**
 * One reader of one topic. Messages of a key are handled in order, one at a time; keys run side by side.
 * Types without a handler here are skipped; data are validated before they are handled. A handler that
 * throws is tried again with growing pauses, then its message and the key's later ones are parked.
 */
export type Consumer = {
  /** Names the position and the parked messages; never changes. By default `<service>.<topic>`. */
  readonly group: string;
  readonly topic: Topic;
  readonly handlers: ReadonlyMap<string, MessageHandler>;
  /** Absolute values where the newest wins: a message that cannot be handled never holds its key. */
  readonly stateTopic: boolean;
  /** About as many messages are under way at a time, twice as many at most. Those that wait for their key count. */
  readonly concurrentMax: number;
};

const STATE_TOPICS: ReadonlySet<Topic> = new Set(['oms.availability', 'oms.catalog']);

/** Its messages are absolute values with a version: the newest wins, and no key is ever held. */
export const isStateTopic = (topic: Topic): boolean => STATE_TOPICS.has(topic);

const CONCURRENT_MAX = 256;

export const consumer = (options: {
  readonly group: string;
  readonly topic: Topic;
  readonly handlers: readonly MessageHandler[];
  readonly concurrentMax?: number;
}): Consumer => {
  for (const { type } of options.handlers)
    if (contractOf(type).topic !== options.topic)
      throw new Error(`${type.name} is not a message of ${options.topic}`);
  return {
    group: options.group,
    topic: options.topic,
    handlers: new Map(options.handlers.map((handler) => [handler.type.name, handler])),
    stateTopic: isStateTopic(options.topic),
    concurrentMax: options.concurrentMax ?? CONCURRENT_MAX,
  };
};

/** One message that a publisher makes of a stored event. */
export type Published<Data extends object = object> = {
  readonly type: ContractClass<Data>;
  readonly key: string;
  readonly data: Data;
};

/** Types a message against its contract, for use inside a publisher's `map`. */
export const publish = <Data extends object>(
  type: ContractClass<Data>,
  key: string,
  data: NoInfer<Data>,
): Published => ({ type: type as ContractClass, key, data });

/** Which stored events of a category the world sees, and as which messages. `map` is pure. */
export type Publisher = {
  readonly topic: Topic;
  readonly category: string;
  map(recorded: RecordedEvent): readonly ContractMessage[];
};

/**
 * Declares a publisher. The id of a message is that of its event; where one event makes several, the later
 * ones' ids are derived from it and their index.
 */
export const publisher = <Event extends Message>(options: {
  readonly service: string;
  readonly topic: Topic;
  readonly category: string;
  readonly codec: Codec<Event>;
  readonly map: (event: Event, recorded: RecordedEvent) => readonly Published[];
}): Publisher => {
  const { service, topic, category, codec, map } = options;
  if (category.includes('-')) throw new Error(`A category has no "-": ${category}`);
  return {
    topic,
    category,
    map: (recorded) =>
      map(codec.decode(recorded), recorded).map(({ type, key, data }, index) => {
        if (contractOf(type).topic !== topic)
          throw new Error(`${type.name} is not a message of ${topic}`);
        return {
          id: index === 0 ? recorded.id : derivedId(recorded.id, index),
          type: type.name,
          topic,
          source: service,
          key,
          time: recorded.metadata.at,
          data,
          correlationId: recorded.metadata.correlationId,
          causationId: recorded.metadata.causationId,
          ...(recorded.metadata.traceparent && { traceparent: recorded.metadata.traceparent }),
          ...(recorded.metadata.actorId && { actorId: recorded.metadata.actorId }),
          stream: recorded.stream,
          streamRevision: recorded.revision,
        };
      }),
  };
};

/** The messages that a service's publishers make of an event. */
export const messagesOf = (
  publishers: readonly Publisher[],
  event: RecordedEvent,
): readonly ContractMessage[] =>
  publishers
    .filter(({ category }) => event.stream.startsWith(`${category}-`))
    .flatMap((publisher) => publisher.map(event));

/** The cause of a command that a message brings: its id, and the story that it belongs to. */
export const causeOf = ({ id, correlationId, traceparent }: ContractMessage) => ({
  id,
  correlationId,
  ...(traceparent && { traceparent }),
});

/** As `causeOf`, in the name of who asked for what the message tells: for work that is that person's own. */
export const causeByAsker = (message: ContractMessage) => ({
  ...causeOf(message),
  ...(message.actorId && { actorId: message.actorId }),
});

/** Where a topic comes from in embedded mode: its owner's log and the publishers that read it. */
export type TopicSource = { readonly store: EventStore; readonly publishers: readonly Publisher[] };

/**
 * How far one reader is. Positions are those of its owner's log, or on Kafka sums over the topic's partitions: as they were
 * known last, or null, where `problem` says why they are not known now.
 */
export type ReaderStatus = {
  readonly group: string;
  readonly topic: string;
  readonly position: string | null;
  readonly head: string | null;
  readonly problem?: string;
  /** What it has still to read; null where that is not known. Embedded: events of the owner's log. */
  readonly lagMessages: number | null;
  /** For how long the oldest of these has been waiting; null where this process cannot tell. */
  readonly lagSeconds: number | null;
};

/** Where a reader is to go on: everything again, only what comes from now on, or what was published since a time. */
export type ReaderTarget = 'start' | 'end' | { readonly time: string };

export type MoveRequest = {
  readonly group: string;
  readonly to: ReaderTarget;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
};

/** What moving a reader does to one place that it reads. */
export type ReaderMove = {
  readonly topic: string;
  readonly partition: number | null;
  readonly from: string;
  readonly to: string;
  /** How many come again; below 0: are skipped. Null where that is not known. */
  readonly messages: number | null;
};

/** Thrown when a service has no readers of that name. */
export class UnknownGroupError extends Error {
  override readonly name = 'UnknownGroupError';
  constructor(group: string) {
    super(`There are no readers ${group}`);
  }
}

export interface MessageBus {
  /** Starts a reader; it goes on where its group stopped, from the beginning the first time. */
  subscribe(consumer: Consumer): Subscription;

  /** True when every reader has handled all that is there to be read, whoever reads it. */
  isCaughtUp(): Promise<boolean>;

  /** How far the service's readers are, also those that other processes run. */
  readers(): Promise<readonly ReaderStatus[]>;

  /**
   * Has the readers of a group go on elsewhere. Messages that come again have no effect twice where their effects are
   * still there. Throws when the service has no such group.
   */
  move(request: MoveRequest): Promise<readonly ReaderMove[]>;

  /** Stops what the bus runs besides its subscriptions. */
  stop(): Promise<void>;
}

export interface Subscription {
  /** Stops taking messages, waits for those under way and stores the position. */
  stop(): Promise<void>;
}
