import type { ContractMessage, Topic } from '@throughline/contracts';
import {
  ReplacedLogError,
  sameLog,
  START,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@throughline/event-store';
import { FaultNews } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { Logger } from 'pino';
import { pause, StoppedError } from './backoff.js';
import { relayAgeSeconds, relayLeader, relayMessages } from './bus-metrics.js';
import type { DeadLetters } from './dead-letters.js';
import type { KafkaConnection } from './kafka-connection.js';
import { MESSAGE_BYTES_MAX } from './kafka-messages.js';
import { batchesOf, KafkaSender, outgoing, RefusedError, type Outgoing } from './kafka-sender.js';
import { KeyParking, parkableOf, replayKey } from './key-parking.js';
import { KeyedWork } from './keyed-work.js';
import { Lookout } from './lookout.js';
import { isStateTopic, type Publisher } from './message-bus.js';
import { ParkingLot, type ParkedMessage } from './parking.js';
import { ReaderPositions } from './positions.js';
import { republish, type Republished, type RepublishRequest } from './republish.js';
import { EventMapper, isEvent, STREAM_KEY } from './unreadable-events.js';

/** What one request to a broker carries; a larger message goes alone. */
const REQUEST_BYTES_MAX = 1024 * 1024;
const LOOK_EVERY_MS = 1_000;
const RESTART_PAUSE_MS = 1_000;
/** A person has to act; until then it says so at this pace. */
const REPLACED_PAUSE_MS = 5_000;
/** The relay's position counts for all topics of its service. */
const ALL_TOPICS = '*';
/** Everything that the relay sends goes in one turn. */
const TURN = 'send';

export type RelayOptions = {
  readonly service: string;
  readonly kafka: KafkaConnection;
  readonly store: EventStore;
  readonly publishers: readonly Publisher[];
  readonly database: Database;
  /** Requests made on this object are carried out at once. */
  readonly deadLetters?: DeadLetters;
  readonly logger: Logger;
  readonly messageBytesMax?: number;
  readonly requestBytesMax?: number;
};

/**
 * Publishes what a service appends: reads its store in order, and sends what its publishers make of it. Only one process
 * should run it, but two that overlap do no harm: readers skip what they have seen. What brokers will never take is parked
 * under the group `<service>.relay`, with the key's later messages behind it.
 */
export class Relay {
  readonly #group: string;
  readonly #lot: ParkingLot;
  readonly #positions: ReaderPositions;
  readonly #sender: KafkaSender;
  readonly #turn = new KeyedWork(1);
  readonly #parkings = new Map<Topic, KeyParking>();
  readonly #stop = new AbortController();
  /** One for each topic, with its publishers. */
  readonly #mappers = new Map<Topic, EventMapper>();
  #isNew = true;
  readonly #news = new FaultNews();
  #published: Position = START;
  /** When the oldest event was decided that is not published yet. */
  #oldest: string | undefined;

  constructor(private readonly options: RelayOptions) {
    const { service, kafka, database, publishers, logger } = options;
    this.#group = `${service}.relay`;
    this.#lot = new ParkingLot(database);
    this.#positions = new ReaderPositions(database, (error) => {
      const level = this.#news.isNews(error) ? 'warn' : 'debug';
      logger[level]({ err: error }, 'position of the relay not stored');
    });
    this.#sender = new KafkaSender(kafka, logger);
    for (const topic of new Set(publishers.map((publisher) => publisher.topic)))
      this.#mappers.set(topic, this.#mapperOf(topic));
    // Where nobody publishes, those who might say so: a process that was killed says nothing any more.
    relayLeader.set({ service }, 0);
  }

  /** Publishes until `signal` aborts, however often the store or the brokers are away. */
  async run(signal: AbortSignal): Promise<void> {
    const { service, deadLetters, logger } = this.options;
    const requests = new Lookout({
      everyMs: LOOK_EVERY_MS,
      look: () => this.#look(signal),
      onError: (error) => {
        const level = this.#news.isNews(error) ? 'warn' : 'debug';
        logger[level]({ err: error }, 'requests not carried out');
      },
    });
    const unlisten = deadLetters?.onRequest(() => requests.call());
    relayLeader.set({ service }, 1);
    requests.start();
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (error instanceof StoppedError) break;
        const level = this.#news.isNews(error) ? 'error' : 'debug';
        logger[level]({ err: error, service }, 'relay starts again');
        const isReplaced = error instanceof ReplacedLogError;
        await pause(isReplaced ? REPLACED_PAUSE_MS : RESTART_PAUSE_MS, signal);
      }
    }
    unlisten?.();
    await requests.stop();
    await this.#turn.settled();
    await this.#positions.flush();
    this.#oldest = undefined;
    relayLeader.set({ service }, 0);
    relayAgeSeconds.set({ service }, 0);
  }

  /** True when everything that was appended is published, by whichever process. */
  async isCaughtUp(): Promise<boolean> {
    if (this.options.publishers.length === 0) return true;
    const head = await this.options.store.head();
    if (this.#published >= head) return true;
    const kept = await this.#positions.load(this.#group, ALL_TOPICS);
    return (kept?.position ?? START) >= head;
  }

  /**
   * Publishes events again for one group alone, into its replay topic; needs no leadership. Throws when the group has no such
   * topic, or the process stops meanwhile: asking again begins anew.
   */
  republish(request: RepublishRequest): Promise<Republished> {
    return republish(this.options, request, this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sender.stop();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { store, publishers, service, logger } = this.options;
    const kept = await this.#positions.load(this.#group, ALL_TOPICS);
    const from = kept?.position ?? START;
    const reader = `The relay of ${service}`;
    const epoch = await sameLog(store, reader, { position: from, epoch: kept?.epoch });
    this.#published = from;
    // This process may be of another release, which can read what the one before could not.
    if (this.#isNew)
      for (const topic of this.#mappers.keys())
        await this.#lot.requestKeys(this.#group, topic, STREAM_KEY);
    this.#isNew = false;
    for (const parking of this.#parkings.values()) parking.forget();
    const categories = [...new Set(publishers.map(({ category }) => category))];
    for await (const { events, position } of store.subscribe(categories, from, signal)) {
      this.#oldest = events[0]?.metadata.at;
      if (events.length > 0)
        await this.#turn.inTurn(TURN, async () =>
          this.#publish(await this.#messagesOf(events, signal), signal),
        );
      this.#oldest = undefined;
      this.#published = position;
      this.#positions.advance(this.#group, ALL_TOPICS, position, epoch);
      if (this.#news.isOver()) logger.info({ service }, 'relay goes on');
    }
  }

  async #messagesOf(
    events: readonly RecordedEvent[],
    signal: AbortSignal,
  ): Promise<readonly ContractMessage[]> {
    const messages: ContractMessage[] = [];
    for (const event of events)
      for (const mapper of this.#mappers.values()) {
        const mapped = mapper.messages(event, signal);
        messages.push(...(mapped instanceof Promise ? await mapped : mapped));
      }
    return messages;
  }

  /** Parks what may not go, and sends the rest in order. */
  async #publish(messages: readonly ContractMessage[], signal: AbortSignal): Promise<void> {
    const { kafka, requestBytesMax = REQUEST_BYTES_MAX } = this.options;
    const going: Outgoing[] = [];
    for (const message of messages) {
      const parking = this.#parkingOf(message.topic);
      if (await parking.parkBehind(parkableOf(message, null), signal)) continue;
      const one = outgoing(kafka.named(message.topic), message);
      const tooLarge = this.#tooLarge(one);
      if (tooLarge === undefined) going.push(one);
      else await this.#park(message, tooLarge, signal);
    }
    for (const batch of batchesOf(going, requestBytesMax)) await this.#send(batch, signal);
  }

  async #send(batch: readonly Outgoing[], signal: AbortSignal): Promise<void> {
    try {
      await this.#sender.send(batch, signal);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const [first] = batch;
      if (batch.length === 1) return this.#park(first!.message, error.message, signal);
      return this.#sendOneByOne(batch, signal);
    }
    const { service } = this.options;
    for (const { message } of batch) relayMessages.inc({ service, topic: message.topic });
  }

  /** Brokers refuse a batch as a whole, for one message in it. */
  async #sendOneByOne(batch: readonly Outgoing[], signal: AbortSignal): Promise<void> {
    for (const one of batch) {
      const parking = this.#parkingOf(one.message.topic);
      if (await parking.parkBehind(parkableOf(one.message, null), signal)) continue;
      await this.#send([one], signal);
    }
  }

  #tooLarge({ bytes }: Outgoing): string | undefined {
    const { messageBytesMax = MESSAGE_BYTES_MAX } = this.options;
    if (bytes <= messageBytesMax) return undefined;
    return `It has ${bytes} bytes, more than ${messageBytesMax}`;
  }

  #park(message: ContractMessage, reason: string, signal: AbortSignal): Promise<void> {
    const parking = this.#parkingOf(message.topic);
    return parking.park(parkableOf(message, null), reason, !isStateTopic(message.topic), signal);
  }

  #parkingOf(topic: Topic): KeyParking {
    const existing = this.#parkings.get(topic);
    if (existing) return existing;
    const parking = new KeyParking({
      lot: this.#lot,
      group: this.#group,
      topic,
      logger: this.options.logger,
    });
    this.#parkings.set(topic, parking);
    return parking;
  }

  #mapperOf(topic: Topic): EventMapper {
    const { service, store, publishers } = this.options;
    return new EventMapper({
      reader: `The relay of ${service}`,
      store,
      publishers: publishers.filter((publisher) => publisher.topic === topic),
      topic,
      parking: this.#parkingOf(topic),
      stateTopic: isStateTopic(topic),
    });
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { service } = this.options;
    const ageMs = this.#oldest ? Date.now() - Date.parse(this.#oldest) : 0;
    relayAgeSeconds.set({ service }, Math.max(0, ageMs / 1_000));
    for (const key of await this.#lot.requestedKeys([this.#group]))
      await this.#turn.inTurn(TURN, () =>
        replayKey(this.#lot, key, (parked) => this.#sendAgain(parked, signal)),
      );
  }

  async #sendAgain(parked: ParkedMessage, signal: AbortSignal): Promise<void> {
    const { message, topic } = parked;
    const mapper = isEvent(parked) ? this.#mappers.get(topic as Topic) : undefined;
    if (mapper) return this.#publish(await mapper.again(parked), signal);
    if (!message) throw new Error('Nothing of it was kept');
    const one = outgoing(this.options.kafka.named(message.topic), message);
    const tooLarge = this.#tooLarge(one);
    if (tooLarge !== undefined) throw new RefusedError(tooLarge);
    await this.#sender.send([one], signal);
    relayMessages.inc({ service: this.options.service, topic: message.topic });
  }
}
