import { TOPICS, type Topic } from '@throughline/contracts';

import type { Logger } from 'pino';
import type { KafkaConnection } from './kafka-connection.js';
import { MESSAGE_BYTES_MAX } from './kafka-messages.js';

/** A record's headers and framing come on top of its data. */
const RECORD_OVERHEAD_BYTES = 64 * 1024;
/** A broker creates some hundred partitions in the time that a request may take. */
const TOPICS_PER_REQUEST = 8;
const CREATE_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 50;
const REPLICAS_FOR_TWO_IN_SYNC = 3;

export type TopicReader = { readonly group: string; readonly topic: Topic };

/** Where events are published again for one group alone. */
export const replayTopic = (topic: Topic, group: string): string => `${topic}.replay.${group}`;

type Topology = {
  readonly partitions: number;
  readonly replication: number;
  /** Whose replay topics are needed. */
  readonly readers: readonly TopicReader[];
  readonly logger: Logger;
  /** All of them, unless a spec needs only some. */
  readonly topics?: readonly Topic[];
};

/** How many partitions each topic has. */
const partitionsOf = async (kafka: KafkaConnection): Promise<ReadonlyMap<string, number>> => {
  const { topics } = await kafka.ask((admin) => admin.fetchTopicMetadata());
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
};

/** Waits until a topic's leaders answer: for a moment after its creation they do not know yet that they lead it. */
const served = async (kafka: KafkaConnection, topic: string): Promise<void> => {
  const deadline = performance.now() + CREATE_TIMEOUT_MS;
  for (;;) {
    try {
      await kafka.ask((admin) => admin.fetchTopicOffsets(topic));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

/**
 * Creates the topics that are missing, kept for ever. Topics that exist stay as they are: another number of partitions
 * would move keys, so a differing wish is only logged. Safe to run by several processes at once.
 */
export const ensureTopics = async (kafka: KafkaConnection, topology: Topology): Promise<void> => {
  const { partitions, replication, readers, logger } = topology;
  const existing = await partitionsOf(kafka);
  const countOf = (topic: Topic): number => existing.get(kafka.named(topic)) ?? partitions;
  const wanted = new Map<string, number>([
    ...(topology.topics ?? TOPICS).map((topic): [string, number] => [
      kafka.named(topic),
      partitions,
    ]),
    ...readers.map(({ topic, group }): [string, number] => [
      kafka.named(replayTopic(topic, group)),
      countOf(topic),
    ]),
  ]);
  for (const [topic, count] of wanted) {
    const actual = existing.get(topic) ?? count;
    if (actual !== count) logger.warn({ topic, actual, wanted: count }, 'partitions left as is');
  }
  const missing = [...wanted].filter(([topic]) => !existing.has(topic));
  if (missing.length === 0) return;
  const configEntries = [
    { name: 'retention.ms', value: '-1' },
    { name: 'retention.bytes', value: '-1' },
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'max.message.bytes', value: String(MESSAGE_BYTES_MAX + RECORD_OVERHEAD_BYTES) },
    {
      name: 'min.insync.replicas',
      value: replication >= REPLICAS_FOR_TWO_IN_SYNC ? '2' : '1',
    },
  ];
  for (let from = 0; from < missing.length; from += TOPICS_PER_REQUEST) {
    const topics = missing.slice(from, from + TOPICS_PER_REQUEST).map(([topic, numPartitions]) => ({
      topic,
      numPartitions,
      replicationFactor: replication,
      configEntries,
    }));
    await kafka.ask(
      (admin) => admin.createTopics({ topics, waitForLeaders: false }),
      CREATE_TIMEOUT_MS,
    );
  }
  await Promise.all(missing.map(([topic]) => served(kafka, topic)));
};
