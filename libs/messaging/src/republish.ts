import type { ContractMessage, Topic } from '@throughline/contracts';
import {
  NewerEventError,
  START,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import type { Logger } from 'pino';
import type { KafkaConnection } from './kafka-connection.js';
import { MESSAGE_BYTES_MAX } from './kafka-messages.js';
import { batchesOf, KafkaSender, outgoing } from './kafka-sender.js';
import { replayTopic } from './kafka-topics.js';
import { messagesOf, type Publisher } from './message-bus.js';

const REQUEST_BYTES_MAX = 1024 * 1024;

/** The group has no replay topic: nobody of that name reads the topic. */
export class UnknownReaderError extends Error {
  override readonly name = 'UnknownReaderError';
}

export type RepublishRequest = {
  readonly topic: Topic;
  /** The readers that get the messages again; nobody else sees them. */
  readonly group: string;
  /** Events after this position of the service's store (decimal); all by default. */
  readonly from?: string;
  /** Up to this one and with it; all that are there by default. */
  readonly to?: string;
  /** Stops after about this time; the answer says where. */
  readonly limitMs?: number;
};

export type Republished = {
  readonly from: string;
  readonly to: string;
  /** Where it stopped: at `to`, unless its time was up. */
  readonly position: string;
  readonly published: number;
  /** Messages that are too large for a topic. */
  readonly tooLarge: number;
  /** Events that cannot be published: what their streams say is missing. */
  readonly unreadable: number;
};

type RepublishOptions = {
  readonly kafka: KafkaConnection;
  readonly store: EventStore;
  readonly publishers: readonly Publisher[];
  readonly logger: Logger;
  readonly messageBytesMax?: number;
};

/** Publishes what a service appended again, into the replay topic of one group. See `Relay.republish`. */
export const republish = async (
  { kafka, store, publishers, logger, messageBytesMax = MESSAGE_BYTES_MAX }: RepublishOptions,
  { topic, group, from = START.toString(), to, limitMs = Infinity }: RepublishRequest,
  signal: AbortSignal,
): Promise<Republished> => {
  const target = kafka.named(replayTopic(topic, group));
  const existing = await kafka.ask((admin) => admin.listTopics());
  if (!existing.includes(target)) throw new UnknownReaderError(`There is no topic ${target}`);
  const mine = publishers.filter((publisher) => publisher.topic === topic);
  if (mine.length === 0) throw new Error(`This service does not publish ${topic}`);
  const end = to === undefined ? await store.head() : BigInt(to);
  const sender = new KafkaSender(kafka, logger);
  let [published, tooLarge, unreadable] = [0, 0, 0];
  const mapped = (event: RecordedEvent): readonly ContractMessage[] => {
    try {
      return messagesOf(mine, event);
    } catch (error) {
      if (error instanceof NewerEventError) throw error;
      const { stream, revision } = event;
      logger.error({ err: error, topic, stream, revision }, 'not published again');
      unreadable += 1;
      return [];
    }
  };
  let position = BigInt(from);
  const began = performance.now();
  const reading = new AbortController();
  const both = AbortSignal.any([signal, reading.signal]);
  try {
    if (BigInt(from) >= end)
      return { from, to: `${end}`, position: `${end}`, published, tooLarge, unreadable };
    const categories = mine.map(({ category }) => category);
    for await (const page of store.subscribe(categories, BigInt(from), both)) {
      const messages = page.events
        .filter(({ position }) => position <= end)
        .flatMap(mapped)
        .map((message) => outgoing(target, message));
      const fitting = messages.filter(({ bytes }) => bytes <= messageBytesMax);
      for (const batch of batchesOf(fitting, REQUEST_BYTES_MAX)) await sender.send(batch, both);
      published += fitting.length;
      tooLarge += messages.length - fitting.length;
      logger.info({ topic: target, position: `${page.position}`, published }, 'published again');
      position = page.position < end ? page.position : end;
      if (position >= end || performance.now() - began > limitMs) break;
    }
    signal.throwIfAborted();
    return { from, to: `${end}`, position: `${position}`, published, tooLarge, unreadable };
  } finally {
    reading.abort();
    await sender.stop();
  }
};
