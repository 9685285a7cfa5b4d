import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  AppendReq,
  AppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  Metadata,
  status,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { MemoryLog, ProposedEvent, StoredEvent } from './memory-log.js';
import {
  appendResponse,
  caughtUpResponse,
  checkpointResponse,
  confirmationResponse,
  eventResponse,
  expectedOf,
  nameOf,
  notFoundResponse,
  proposedOf,
} from './wire.js';

/** The server's own limit for what one append holds. */
const APPEND_BYTES_MAX = 1024 * 1024;
const WINDOW_DEFAULT = 32;
/** Events that a live subscription may have in waiting before the server lets go of it. */
const LIVE_BUFFER = 32;
const BACKWARDS = 1;

/** How the double misbehaves. */
export type Faults = {
  /** Events of a subscription come twice. */
  isDuplicating: boolean;
  /** Subscriptions stay open and silent. */
  isSilent: boolean;
  /** Appends wait for this before they are written. */
  held: Promise<void> | undefined;
  /** Every read (not a subscription) takes so long, and so many threads read at a time. */
  slowReads: { readonly readMs: number; readonly threads: number } | undefined;
  /** So many appends are written and answered as timed out. */
  timedOutAppends: number;
  /** So many reads fail as on a server that is going away. */
  failingReads: number;
  /** So many appends are written and answered as a conflict, as real servers have been seen to do. */
  falseConflicts: number;
};
type Reading = ServerWritableStream<ReadReq, ReadResp>;

/** The calls of the streams service that the client's reads, appends and subscriptions use. */
export class StreamsService {
  readonly calls = { append: 0, batchAppend: 0, read: 0, subscribe: 0 };
  /** Subscriptions that are open now. */
  open = 0;
  /** Events sent to subscriptions. */
  sent = 0;
  /** Live subscriptions that were let go because they were too slow. */
  dropped = 0;
  readonly #live = new Set<Reading>();
  readonly #dropping = new Set<Reading>();
  #reading = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly log: MemoryLog,
    private readonly faults: Faults,
  ) {}

  append(
    call: ServerReadableStream<AppendReq, AppendResp>,
    answer: sendUnaryData<AppendResp>,
  ): void {
    this.calls.append += 1;
    let options: AppendReq.Options | undefined;
    const proposed: ProposedEvent[] = [];
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message) proposed.push(proposedOf(message));
    });
    call.on('error', () => undefined);
    call.on('end', async () => {
      await this.faults.held;
      if (options && !call.cancelled) this.#append(options, proposed, answer);
    });
  }

  /** Lets go of every live subscription, as of one that is too slow. */
  dropLive(): void {
    for (const call of this.#live) this.#dropping.add(call);
    this.log.wake();
  }

  #append(
    options: AppendReq.Options,
    proposed: readonly ProposedEvent[],
    answer: sendUnaryData<AppendResp>,
  ): void {
    const name = nameOf(options.getStreamIdentifier());
    const bytes = proposed.reduce(
      (sum, { type, data, metadata }) => sum + type.length + data.length + metadata.length,
      0,
    );
    if (bytes > APPEND_BYTES_MAX) return answer(tooLarge());
    if (this.log.isTombstoned(name)) return answer(deleted(name));
    const expected = expectedOf(options);
    const outcome = this.log.append(name, proposed, expected);
    if (this.faults.timedOutAppends > 0) {
      this.faults.timedOutAppends -= 1;
      return answer({ code: status.ABORTED, details: 'Operation timed out: WriteEvents' });
    }
    if (outcome.ok && this.faults.falseConflicts > 0) {
      this.faults.falseConflicts -= 1;
      answer(null, appendResponse({ ok: false, currentRevision: outcome.revision }, expected));
    } else answer(null, appendResponse(outcome, expected));
  }

  read(call: Reading): void {
    const options = call.request.getOptions()!;
    const isSubscription = options.hasSubscription();
    this.calls[isSubscription ? 'subscribe' : 'read'] += 1;
    const done = isSubscription ? this.#subscribe(call, options) : this.#read(call, options);
    if (isSubscription) this.open += 1;
    void done
      .catch((error: unknown) => call.destroy(error as Error))
      .finally(() => {
        this.#live.delete(call);
        this.#dropping.delete(call);
        if (isSubscription) this.open -= 1;
      });
  }

  async #read(call: Reading, options: ReadReq.Options): Promise<void> {
    if (this.faults.failingReads > 0) {
      this.faults.failingReads -= 1;
      call.emit('error', { code: status.UNAVAILABLE, details: 'going away' });
      return;
    }
    const name = nameOf(options.getStream()?.getStreamIdentifier());
    const isBackwards = options.getReadDirection() === BACKWARDS;
    // The newest event of everything costs two reads.
    await this.#takeTurn(options.hasAll() && isBackwards ? 2 : 1);
    if (this.log.isTombstoned(name)) return void call.emit('error', deleted(name));
    if (!this.#isReadable(options)) return void call.emit('error', UNEXPECTED);
    const events = options.hasAll() ? this.log.events : this.log.stream(name);
    if (!events) await write(call, notFoundResponse(name));
    for (const event of pageOf(events ?? [], options)) {
      if (call.cancelled) return;
      await write(call, eventResponse(event));
    }
    call.end();
  }

  async #subscribe(call: Reading, options: ReadReq.Options): Promise<void> {
    const all = options.getAll();
    if (!all) throw new Error('The double knows subscriptions to $all only');
    if (!this.#isReadable(options)) return void call.emit('error', UNEXPECTED);
    const filter = options.getFilter();
    const prefixes = filter?.getStreamIdentifier()?.getPrefixList() ?? [''];
    const isWanted = ({ stream }: StoredEvent): boolean =>
      prefixes.some((prefix) => stream.startsWith(prefix));
    const multiplier = filter?.getCheckpointintervalmultiplier() ?? 1;
    const window = (filter?.hasMax() ? filter.getMax() : WINDOW_DEFAULT) * multiplier;
    const after = all.hasEnd() ? Infinity : Number(all.getPosition()?.getCommitPosition() ?? 0);
    let index = this.log.indexAfter(after);
    let considered = 0;
    let pageStart = after;
    await write(call, confirmationResponse(randomUUID()));
    while (!call.cancelled) {
      const event = this.faults.isSilent ? undefined : this.log.events[index];
      const isLive = this.#live.has(call);
      if (isLive && this.#isTooSlow(call, index, isWanted)) {
        this.dropped += 1;
        return void call.emit('error', TOO_SLOW);
      }
      if (!event) {
        if (!isLive) await write(call, caughtUpResponse());
        this.#live.add(call);
        await this.#news(call);
        continue;
      }
      index += 1;
      considered += 1;
      if (isWanted(event)) await this.#send(call, event);
      if (considered % window !== 0) continue;
      // Of a page that it catches up with, the server tells the beginning.
      await write(call, checkpointResponse(isLive ? event.position : pageStart));
      pageStart = event.position;
    }
  }

  #isTooSlow(call: Reading, index: number, isWanted: (event: StoredEvent) => boolean): boolean {
    if (this.#dropping.delete(call)) return true;
    const { events } = this.log;
    if (this.faults.isSilent || events.length - index <= LIVE_BUFFER) return false;
    return events.slice(index).filter(isWanted).length > LIVE_BUFFER;
  }

  async #send(call: Reading, event: StoredEvent): Promise<void> {
    for (let copies = this.faults.isDuplicating ? 2 : 1; copies > 0; copies -= 1) {
      await write(call, eventResponse(event));
      this.sent += 1;
    }
  }

  /** Waits for a thread that reads, and for as long as it takes. */
  async #takeTurn(reads: number): Promise<void> {
    const slow = this.faults.slowReads;
    if (!slow) return;
    if (this.#reading >= slow.threads)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#reading += 1;
    await delay(slow.readMs * reads);
    this.#reading -= 1;
    this.#waiting.shift()?.();
  }

  #isReadable(options: ReadReq.Options): boolean {
    const position = options.getAll()?.getPosition()?.getCommitPosition();
    return position === undefined || this.log.isBoundary(Number(position));
  }

  async #news(call: Reading): Promise<void> {
    const { arrived, leave } = this.log.news();
    call.once('cancelled', leave);
    if (call.cancelled) leave();
    await arrived;
    call.off('cancelled', leave);
  }
}

const pageOf = (
  events: readonly StoredEvent[],
  options: ReadReq.Options,
): readonly StoredEvent[] => {
  const count = Number(options.getCount());
  const stream = options.getStream();
  const isBackwards = options.getReadDirection() === BACKWARDS;
  const placeOf = ({ revision, position }: StoredEvent): number | bigint =>
    stream ? revision : position;
  const from = stream?.hasRevision()
    ? Number(stream.getRevision())
    : Number(options.getAll()?.getPosition()?.getCommitPosition() ?? (isBackwards ? Infinity : 0));
  if (isBackwards) {
    // Backwards through $all begins before its position, everything else with it.
    const isAfter = (event: StoredEvent): boolean =>
      stream ? placeOf(event) > from : placeOf(event) >= from;
    let end = events.length;
    while (end > 0 && isAfter(events[end - 1]!)) end -= 1;
    return events.slice(Math.max(0, end - count), end).reverse();
  }
  const first = events.findIndex((event) => placeOf(event) >= from);
  return first < 0 ? [] : events.slice(first, first + count);
};

/** Writes, and waits while the reader is slower than this. */
const write = async (call: Reading, response: ReadResp): Promise<void> => {
  if (call.write(response) || call.cancelled) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  call.once('drain', resolve).once('cancelled', resolve);
  await promise;
  call.off('drain', resolve).off('cancelled', resolve);
};

const metadataOf = (entries: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
};

const tooLarge = () => ({
  code: status.INVALID_ARGUMENT,
  details: `Maximum Append Size of ${APPEND_BYTES_MAX} Exceeded.`,
  metadata: metadataOf({
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': `${APPEND_BYTES_MAX}`,
  }),
});

const deleted = (name: string) => ({
  code: status.FAILED_PRECONDITION,
  details: `Event stream '${name}' is deleted.`,
  metadata: metadataOf({ exception: 'stream-deleted', 'stream-name': name }),
});

/** The server's answer to a position between two records, among other things that it did not expect. */
const UNEXPECTED = { code: status.UNKNOWN, details: 'Exception was thrown by handler.' };

const TOO_SLOW = {
  code: status.ABORTED,
  details:
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
};
