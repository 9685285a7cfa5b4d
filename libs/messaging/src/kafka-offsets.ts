import type { KafkaConnection } from './kafka-connection.js';
import { replayTopic, type TopicReader } from './kafka-topics.js';
import type { ReaderTarget } from './message-bus.js';

/** The topics of a reader as the cluster names them: that of its messages, and where events are published again for it. */
export const topicsOf = (
  kafka: KafkaConnection,
  { topic, group }: TopicReader,
): readonly [string, string] => [kafka.named(topic), kafka.named(replayTopic(topic, group))];

/** From where a group goes on, by `<topic> <partition>`; partitions that it never committed are missing. */
export const committedOffsets = async (
  kafka: KafkaConnection,
  group: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, bigint>> => {
  const answers = await kafka.ask((admin) =>
    admin.fetchOffsets({ groupId: kafka.named(group), topics: [...topics] }),
  );
  return new Map(
    answers.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ offset }) => !offset.startsWith('-'))
        .map(({ partition, offset }): [string, bigint] => [
          `${topic} ${partition}`,
          BigInt(offset),
        ]),
    ),
  );
};

/** How far a group is in one partition. */
export type PartitionState = {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that it has not committed as done. */
  readonly next: bigint;
  readonly low: bigint;
  /** Where the next message will be written. */
  readonly high: bigint;
};

/** How far a group is in its topics. Throws `TransientError` when the cluster does not answer. */
export const partitionStates = async (
  kafka: KafkaConnection,
  group: string,
  topics: readonly string[],
): Promise<readonly PartitionState[]> => {
  const [committed, ...ends] = await Promise.all([
    committedOffsets(kafka, group, topics),
    ...topics.map((topic) => kafka.ask((admin) => admin.fetchTopicOffsets(topic))),
  ]);
  return topics.flatMap((topic, index) =>
    ends[index]!.map(({ partition, low, high }) => ({
      topic,
      partition,
      next: committed.get(`${topic} ${partition}`) ?? BigInt(low),
      low: BigInt(low),
      high: BigInt(high),
    })),
  );
};

/** The offset of each of a topic's partitions that a target means. */
export const offsetsAt = async (
  kafka: KafkaConnection,
  states: readonly PartitionState[],
  to: ReaderTarget,
): Promise<ReadonlyMap<number, bigint>> => {
  if (to === 'start') return new Map(states.map(({ partition, low }) => [partition, low]));
  if (to === 'end') return new Map(states.map(({ partition, high }) => [partition, high]));
  const [first] = states;
  if (!first) return new Map();
  const found = await kafka.ask((admin) =>
    admin.fetchTopicOffsetsByTimestamp(first.topic, Date.parse(to.time)),
  );
  return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
};
