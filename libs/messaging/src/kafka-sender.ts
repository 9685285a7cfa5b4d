import type { ContractMessage } from '@throughline/contracts';
import { currentTraceparent, inSpan } from '@throughline/telemetry';
import type { Message, Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { insist } from './backoff.js';
import { disconnected, type KafkaConnection } from './kafka-connection.js';
import { bytesOf, recordOf } from './kafka-messages.js';

/** How long brokers may take to have a batch on all replicas. */
const ACKNOWLEDGE_TIMEOUT_MS = 5_000;
/** Answers that will be the same however often these bytes are sent. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

/** Thrown when brokers will never take a message (or one of a batch). */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A message on its way, and the topic that it goes to. */
export type Outgoing = {
  readonly topic: string;
  readonly message: ContractMessage;
  /** About how much it takes on the wire. */
  readonly bytes: number;
};

export const outgoing = (topic: string, message: ContractMessage): Outgoing => ({
  topic,
  message,
  bytes: bytesOf(recordOf(message)),
});

/** Splits messages into batches of about `bytesMax`, in order; a larger one goes alone. */
export const batchesOf = (messages: readonly Outgoing[], bytesMax: number): Outgoing[][] => {
  const batches: Outgoing[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const batch = batches.at(-1);
    if (batch && bytes + message.bytes <= bytesMax) {
      batch.push(message);
      bytes += message.bytes;
    } else {
      batches.push([message]);
      bytes = message.bytes;
    }
  }
  return batches;
};

const refusalOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const { type = '' } = error as { type?: string };
  return REFUSALS.has(type) ? `${type}: ${error.message}` : refusalOf(error.cause);
};

/**
 * Sends batches to Kafka, one at a time, until all replicas in sync have them. A batch that failed, or of which that is not
 * known, is sent again as a whole before anything newer: messages may be there twice, but none is missing, and the last
 * copy of each stands in order.
 */
export class KafkaSender {
  #producer: Promise<Producer> | undefined;

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves when the batch is there, however long that takes. Throws `RefusedError` when it holds a message that the
   * brokers will never take, and `StoppedError` when `signal` aborts first.
   */
  async send(batch: readonly Outgoing[], signal: AbortSignal): Promise<void> {
    let refusal: string | undefined;
    await insist(
      async () => {
        try {
          await this.#try(batch);
        } catch (error) {
          refusal = refusalOf(error);
          if (refusal !== undefined) return;
          await this.stop();
          throw error;
        }
      },
      signal,
      (error, tries) => {
        const level = this.kafka.news.isNews(error) ? 'warn' : 'debug';
        this.logger[level]({ err: error, tries }, 'messages not sent');
      },
    );
    if (this.kafka.news.isOver()) this.logger.info('messages are sent again');
    if (refusal !== undefined) throw new RefusedError(refusal);
  }

  /** Closes the connections; a later send opens new ones. */
  async stop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer) await producer.then(disconnected).catch(() => undefined);
  }

  async #try(batch: readonly Outgoing[]): Promise<void> {
    const producer = await (this.#producer ??= this.#connect());
    await inSpans(batch, async (records) => {
      const byTopic = Map.groupBy(records, ({ topic }) => topic);
      await producer.sendBatch({
        acks: -1,
        timeout: ACKNOWLEDGE_TIMEOUT_MS,
        topicMessages: [...byTopic].map(([topic, ofTopic]) => ({
          topic,
          messages: ofTopic.map(({ record }) => record),
        })),
      });
    });
  }

  async #connect(): Promise<Producer> {
    const producer = this.kafka.producer();
    await producer.connect();
    return producer;
  }
}

type Sending = { readonly topic: string; readonly record: Message };

/** Makes a span for each message that belongs to a trace; the consumer's becomes its child. */
const inSpans = async (
  batch: readonly Outgoing[],
  send: (records: readonly Sending[]) => Promise<void>,
): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const records: Sending[] = [];
  const spans = batch.map(({ topic, message }) => {
    const { traceparent: parent, topic: named, id: messageId, key, source: service } = message;
    if (!parent) {
      records.push({ topic, record: recordOf(message) });
      return promise;
    }
    const attributes = { service, topic: named, messageId, key };
    return inSpan(`publish ${named}`, { role: 'producer', parent, attributes }, async () => {
      records.push({ topic, record: recordOf(message, currentTraceparent()) });
      await promise;
    });
  });
  send(records).then(resolve, reject);
  await Promise.all(spans);
};
