import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Logger } from 'pino';
import { samePartitionsTogether } from './kafka-assigner.js';
import { KafkaCommits } from './kafka-commits.js';
import { disconnected, within, type KafkaConnection } from './kafka-connection.js';
import type { NextOffset } from './kafka-generation.js';

/** A consumer that gave no sign of life for so long is given up and made anew. */
const STUCK_AFTER_MS = 60_000;
const LOOK_FOR_LIFE_EVERY_MS = 5_000;
const START_TIMEOUT_MS = 5_000;

type Assignment = ReadonlyMap<string, ReadonlySet<number>>;

export type MembershipOptions = {
  /** The group has been joined, for the first time or again: from now on these partitions are ours. */
  readonly onJoin: (client: Consumer, assigned: Assignment, commits: KafkaCommits) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly logger: Logger;
};

/** One kafkajs consumer, from its connection until it leaves or fails. */
export class KafkaMembership {
  readonly #client: Consumer;
  readonly #commits: KafkaCommits;
  readonly #ended = Promise.withResolvers<'left'>();
  #isOver = false;
  #lastSignMs = performance.now();
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;

  constructor(
    kafka: KafkaConnection,
    group: string,
    private readonly topics: readonly string[],
    private readonly options: MembershipOptions,
  ) {
    this.#client = kafka.consumer(group, samePartitionsTogether);
    this.#commits = new KafkaCommits((offsets) => this.#commit(offsets), options.logger);
    this.#ended.promise.catch(() => undefined);
    this.#watch();
  }

  /**
   * Reads until `leave` is called, then lets `finish` do what is left while still a member. Throws when the consumer
   * crashes, gives no sign of life or is given up; kafkajs's own restarts are not used, because they do not always come.
   */
  async run(finish: () => Promise<void>): Promise<void> {
    const looking = setInterval(() => this.#lookForLife(), LOOK_FOR_LIFE_EVERY_MS);
    const ended = this.#ended.promise;
    const starting = this.#start();
    try {
      const begun = await Promise.race([starting, ended]);
      if (begun === 'left') return;
      await ended;
      this.#client.pause(this.topics.map((topic) => ({ topic })));
      await finish();
    } finally {
      clearInterval(looking);
      this.#commits.stop();
      this.#isOver = true;
      await this.#disconnect(starting);
    }
  }

  /**
   * kafkajs takes no notice of being stopped while it joins a group: it would come to life afterwards, hold partitions and
   * read nothing. So the join is waited for, and where that takes too long, it is stopped again once it has joined.
   */
  async #disconnect(starting: Promise<unknown>): Promise<void> {
    const started = starting.catch(() => undefined);
    const hasStarted = within(started, START_TIMEOUT_MS, 'Joining').then(
      () => true,
      () => false,
    );
    if (!(await hasStarted)) void started.then(() => disconnected(this.#client));
    await disconnected(this.#client);
  }

  leave(): void {
    this.#ended.resolve('left');
  }

  giveUp(error: unknown): void {
    this.#ended.reject(error);
  }

  async #start(): Promise<void> {
    await this.#client.connect();
    await this.#client.subscribe({ topics: [...this.topics], fromBeginning: true });
    await this.#client.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        if (this.#isOver) return;
        this.#commitOffsets = payload.commitOffsetsIfNecessary;
        await this.options.onBatch(payload);
      },
    });
  }

  #watch(): void {
    const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH } = this.#client.events;
    const lives = (): void => {
      this.#lastSignMs = performance.now();
    };
    this.#client.on(HEARTBEAT, lives);
    this.#client.on(FETCH, lives);
    this.#client.on(GROUP_JOIN, ({ payload }) => {
      lives();
      if (this.#isOver) return;
      const assigned = Object.entries(payload.memberAssignment).map(
        ([topic, partitions]): [string, ReadonlySet<number>] => [topic, new Set(partitions)],
      );
      this.options.onJoin(this.#client, new Map(assigned), this.#commits);
    });
    this.#client.on(CRASH, ({ payload }) => this.giveUp(payload.error));
  }

  #lookForLife(): void {
    const silentMs = performance.now() - this.#lastSignMs;
    if (silentMs > STUCK_AFTER_MS)
      this.giveUp(new Error(`No sign of life for ${Math.round(silentMs)} ms`));
  }

  /**
   * Commits in the generation that is current now. kafkajs's `commitOffsets` would try again across a rebalance, with
   * offsets that are no longer ours; it only serves before the first batch.
   */
  #commit(offsets: readonly NextOffset[]): Promise<void> {
    const flat = offsets.map((next) => ({ ...next, offset: `${next.offset}` }));
    if (!this.#commitOffsets) return this.#client.commitOffsets(flat);
    const topics = [...Map.groupBy(flat, ({ topic }) => topic)].map(([topic, partitions]) => ({
      topic,
      partitions,
    }));
    return this.#commitOffsets({ topics });
  }
}
