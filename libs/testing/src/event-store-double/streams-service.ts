import { randomUUID } from 'node:crypto';
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
const BACKWARDS = 1;

/** How the double misbehaves. */
export type Faults = {
  /** Events of a subscription come twice. */
  isDuplicating: boolean;
  /** Subscriptions stay open and silent. */
  isSilent: boolean;
  /** Appends wait for this before they are written. */
  held: Promise<void> | undefined;
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
      if (!options || call.cancelled) return;
      const bytes = proposed.reduce(
        (sum, { data, metadata }) => sum + data.length + metadata.length,
        0,
      );
      if (bytes > APPEND_BYTES_MAX) {
        answer(tooLarge());
        return;
      }
      const expected = expectedOf(options);
      const outcome = this.log.append(nameOf(options.getStreamIdentifier()), proposed, expected);
      if (outcome.ok && this.faults.falseConflicts > 0) {
        this.faults.falseConflicts -= 1;
        answer(null, appendResponse({ ok: false, currentRevision: outcome.revision }, expected));
      } else answer(null, appendResponse(outcome, expected));
    });
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
    const filter = options.getFilter();
    const prefixes = filter?.getStreamIdentifier()?.getPrefixList() ?? [''];
    const multiplier = filter?.getCheckpointintervalmultiplier() ?? 1;
    const window = (filter?.hasMax() ? filter.getMax() : WINDOW_DEFAULT) * multiplier;
    const after = all.hasEnd() ? Infinity : Number(all.getPosition()?.getCommitPosition() ?? 0);
    let index = this.log.indexAfter(after);
    let considered = 0;
    let isCaughtUp = false;
    await write(call, confirmationResponse(randomUUID()));
    while (!call.cancelled) {
      const event = this.faults.isSilent ? undefined : this.log.events[index];
      if (!event) {
        if (!isCaughtUp) await write(call, caughtUpResponse());
        isCaughtUp = true;
        await this.#news(call);
        continue;
      }
      index += 1;
      considered += 1;
      if (prefixes.some((prefix) => event.stream.startsWith(prefix)))
        for (let copies = this.faults.isDuplicating ? 2 : 1; copies > 0; copies -= 1) {
          await write(call, eventResponse(event));
          this.sent += 1;
        }
      if (considered % window === 0) await write(call, checkpointResponse(event.position));
    }
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
  const placeOf = ({ revision, position }: StoredEvent): number => (stream ? revision : position);
  const from = stream?.hasRevision()
    ? Number(stream.getRevision())
    : Number(options.getAll()?.getPosition()?.getCommitPosition() ?? (isBackwards ? Infinity : 0));
  // Backwards through $all begins before its position, everything else with it.
  if (isBackwards)
    return events
      .filter((event) => (stream ? placeOf(event) <= from : placeOf(event) < from))
      .reverse()
      .slice(0, count);
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

const tooLarge = () => {
  const metadata = new Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', `${APPEND_BYTES_MAX}`);
  return { code: status.INVALID_ARGUMENT, details: 'Maximum append size exceeded', metadata };
};
