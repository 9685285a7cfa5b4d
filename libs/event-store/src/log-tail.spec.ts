import fc from 'fast-check';
import { until } from '@throughline/testing';
import {
  ReplacedLogError,
  type EventPage,
  type Position,
  type RecordedEvent,
} from './event-store.js';
import { LogTail } from './log-tail.js';

const PAGE_EVENTS_MAX = 3;

const recorded = (position: Position, category: string, log = 0): RecordedEvent => ({
  id: `event-${log}-${position}`,
  type: 'Happened',
  version: 1,
  data: {},
  metadata: { at: '2026-01-01T00:00:00.000Z', causationId: 'c', correlationId: 'c' },
  stream: `${category}-1`,
  revision: 0,
  position,
});
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
};

/** A log in memory, whose reads take as many turns of the event loop as the test says. */
const newLog = (delay: () => number = () => 0) => {
  const events: RecordedEvent[] = [];
  const errors: unknown[] = [];
  let failures = 0;
  let reads = 0;
  let epoch = 'one';
  let restored = 0;
  const read = async <Answer>(answer: () => Answer): Promise<Answer> => {
    reads += 1;
    await turns(delay());
    if (failures > 0) {
      failures -= 1;
      throw new Error('away');
    }
    const found = answer();
    await turns(delay());
    return found;
  };
  const tail = new LogTail(
    (after) => read(() => events.slice(Number(after), Number(after) + PAGE_EVENTS_MAX)),
    () => read(() => ({ position: BigInt(events.length), epoch })),
    (error) => errors.push(error),
  );
  return {
    tail,
    errors,
    readsSoFar: () => reads,
    fail: (times: number) => {
      failures = times;
    },
    commit: (categories: readonly string[]): RecordedEvent[] => {
      const first = BigInt(events.length) + 1n;
      const batch = categories.map((category, at) =>
        recorded(first + BigInt(at), category, restored),
      );
      events.push(...batch);
      return batch;
    },
    head: () => BigInt(events.length),
    /** What stands there is an older copy of the log, after a short outage. */
    restore: (count: number, restoredEpoch: string): void => {
      events.length = count;
      epoch = restoredEpoch;
      restored += 1;
      failures = 1;
    },
  };
};

const leaving: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(leaving.splice(0).map((leave) => leave())));

/** Reads along until `stop`; what was seen, and the pages it came in. */
const follow = (tail: LogTail, categories: readonly string[], from: Position) => {
  const abort = new AbortController();
  const pages: EventPage[] = [];
  const done = (async () => {
    for await (const page of tail.subscribe(new Set(categories), from, abort.signal))
      pages.push(page);
  })();
  const stop = async (): Promise<void> => {
    abort.abort();
    await done;
  };
  leaving.push(stop);
  return {
    pages,
    stop,
    positions: () => pages.flatMap(({ events }) => events.map(({ position }) => position)),
    reached: () => pages.at(-1)?.position ?? from,
  };
};

const range = (from: Position, to: Position): Position[] =>
  Array.from({ length: Number(to - from) }, (_, at) => from + 1n + BigInt(at));

describe('following a log', () => {
  it('gives what is there and what comes, by itself or from others', async () => {
    const log = newLog();
    log.commit(['a', 'a', 'a', 'a']);
    const reader = follow(log.tail, ['a'], 1n);
    await until(() => reader.reached() === 4n);
    log.tail.offer(log.commit(['a', 'a']));
    log.commit(['a']);
    await until(() => reader.reached() === 7n);
    await reader.stop();
    expect(reader.positions()).toEqual(range(1n, 7n));
  });

  it('leaves other categories out, but says how far it has read', async () => {
    const log = newLog();
    log.commit(['b', 'a', 'b', 'b']);
    const reader = follow(log.tail, ['a'], 0n);
    await until(() => reader.reached() === 4n);
    await reader.stop();
    expect(reader.positions()).toEqual([2n]);
  });

  it('gives at once what this process has written, without a look at the log', async () => {
    const log = newLog();
    const reader = follow(log.tail, ['a'], 0n);
    log.tail.offer(log.commit(['a']));
    await until(() => reader.reached() === 1n);
    await turns(20);
    const before = log.readsSoFar();
    log.tail.offer(log.commit(['a', 'a']));
    await turns(5);
    expect([reader.reached(), log.readsSoFar()]).toEqual([3n, before]);
    await reader.stop();
  });

  it('sees what was signalled while it looked, not only at the next look', async () => {
    let delayed = 0;
    const log = newLog(() => delayed);
    const reader = follow(log.tail, ['a'], 0n);
    await turns(20);
    delayed = 10;
    const before = log.readsSoFar();
    log.tail.signal();
    await turns(1);
    expect(log.readsSoFar()).toBe(before + 1);
    // The look has begun: it has found nothing when this is committed.
    await turns(13);
    log.commit(['a']);
    log.tail.signal();
    await turns(60);
    expect(reader.reached()).toBe(1n);
    delayed = 0;
    await reader.stop();
  });

  it('goes on after the log was away, and tells of it', async () => {
    const log = newLog();
    log.commit(['a']);
    log.fail(2);
    const reader = follow(log.tail, ['a'], 0n);
    await until(() => reader.reached() === 1n);
    await reader.stop();
    expect(log.errors).toHaveLength(2);
  });

  it('begins afresh after everybody had left', async () => {
    const log = newLog();
    const first = follow(log.tail, ['a'], 0n);
    log.tail.offer(log.commit(['a']));
    await until(() => first.reached() === 1n);
    await first.stop();
    log.tail.offer(log.commit(['a', 'a']));
    const second = follow(log.tail, ['a'], 0n);
    await until(() => second.reached() === 3n);
    await second.stop();
    expect(second.positions()).toEqual([1n, 2n, 3n]);
  });

  it('ends for a reader that has left while it waited', async () => {
    const log = newLog();
    const reader = follow(log.tail, ['a'], 0n);
    await turns(10);
    await reader.stop();
    expect(reader.pages).toEqual([]);
  });
});

describe('a log that was replaced', () => {
  it.each([
    ['by an older one', 'one', 0],
    ['by an older one that has grown since', 'two', 5],
    ['by an older one that has grown since, which nobody says', 'one', 5],
  ])('%s stops its readers', async (_, epoch, grown) => {
    const log = newLog();
    log.commit(['a', 'a', 'a', 'a']);
    const abort = new AbortController();
    const seen: Position[] = [];
    const reading = (async () => {
      for await (const { events } of log.tail.subscribe(new Set(['a']), 0n, abort.signal))
        seen.push(...events.map(({ position }) => position));
    })();
    await until(() => seen.length === 4);
    log.restore(2, epoch);
    log.commit(Array.from({ length: grown }, () => 'a'));
    await expect(reading).rejects.toBeInstanceOf(ReplacedLogError);
    expect(seen).toEqual(range(0n, 4n));
    const next = follow(log.tail, ['a'], 2n);
    await until(() => next.reached() === log.head());
    await next.stop();
    expect(next.positions()).toEqual(range(2n, log.head()));
  });
});

describe('whatever happens, every reader', () => {
  const happening = fc.oneof(
    fc.record({ what: fc.constant('own' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ what: fc.constant('foreign' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ what: fc.constant('signal' as const), count: fc.constant(0) }),
    fc.record({ what: fc.constant('reader' as const), count: fc.nat(8) }),
    fc.record({ what: fc.constant('leave' as const), count: fc.nat(3) }),
    fc.record({ what: fc.constant('turns' as const), count: fc.nat(6) }),
  );

  it('sees every event once, in order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 40 }),
        fc.infiniteStream(fc.nat(3)),
        async (story, delays) => {
          const log = newLog(() => delays.next().value ?? 0);
          const readers: ReturnType<typeof follow>[] = [follow(log.tail, ['a'], 0n)];
          const from: Position[] = [0n];
          // The log lock makes a process offer its commits in order, some turns after each commit.
          let offers: Promise<void> = Promise.resolve();
          for (const { what, count } of story) {
            const batch = (): RecordedEvent[] => log.commit(Array<string>(count).fill('a'));
            if (what === 'own') {
              const events = batch();
              const late = delays.next().value ?? 0;
              offers = offers.then(() => turns(late)).then(() => log.tail.offer(events));
            } else if (what === 'foreign') batch();
            else if (what === 'signal') log.tail.signal();
            else if (what === 'turns') await turns(count);
            else if (what === 'leave') await readers[count]?.stop();
            else {
              const start = log.head() < BigInt(count) ? log.head() : BigInt(count);
              from.push(start);
              readers.push(follow(log.tail, ['a'], start));
            }
          }
          await offers;
          log.tail.signal();
          const last = follow(log.tail, ['a'], 0n);
          await until(() => last.reached() === log.head(), { what: 'the end of the log' });
          expect(last.positions()).toEqual(range(0n, log.head()));
          await Promise.all([...readers, last].map((reader) => reader.stop()));
          readers.forEach((reader, at) =>
            expect(reader.positions()).toEqual(range(from[at]!, reader.reached())),
          );
        },
      ),
      { numRuns: 150 },
    ));
});
