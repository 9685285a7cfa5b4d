import { randomUUID } from 'node:crypto';
import { TransientError } from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import {
  faultyNetwork,
  freshDatabase,
  startDouble,
  until,
  type FaultyNetwork,
} from '@throughline/testing';
import { foreigner, type Foreigner } from './event-store-db.fixtures.js';
import { EventStoreDb } from './event-store-db.js';
import {
  ConflictError,
  NO_STREAM,
  PostgresLog,
  ReplacedLogError,
  sameLog,
  START,
  type EventPage,
  type EventStore,
  type NewEvent,
  type Position,
} from './index.js';

type Store = EventStore & { beginEpoch(): Promise<string> };

/** One log, and as many clients of it as there are processes. */
type StoreWorld = {
  /** Another process, on the same log. */
  open(): Store;
  /** A process behind a network that fails. */
  openFar(network: FaultyNetwork, onError?: (error: unknown) => void): Store;
  network(): Promise<FaultyNetwork>;
  /** What other programs may do to streams, where the store has others. */
  readonly foreign?: Foreigner;
  stop(): Promise<void>;
};

const DEADLINE = { deadlineMs: 30_000 };

/** What every event store does; `isShared` where others use the same log, who must not be stopped. */
const storeContract = (
  name: string,
  makeWorld: () => Promise<StoreWorld>,
  { isShared = false, hasForeigners = false } = {},
): void => {
  // Categories of this run alone: a server that is given may hold anything.
  const run = randomUUID().slice(0, 8);
  const [thing, foreign] = [`thing${run}`, `thing${run}s`];
  const newStream = (category = thing): string => `${category}-${randomUUID()}`;
  const event = (data: unknown = {}): NewEvent => ({
    id: randomUUID(),
    type: 'Happened',
    version: 3,
    data,
    metadata: { at: '2026-01-01T00:00:00.000Z', causationId: randomUUID(), correlationId: 'c' },
  });

  describe(name, () => {
    let world: StoreWorld;
    let store: Store;
    let other: Store;
    beforeAll(async () => {
      world = await makeWorld();
      store = world.open();
      other = world.open();
    });
    afterAll(() => world.stop());

    const reading: AbortController[] = [];
    const newReading = (): AbortController => {
      const abort = new AbortController();
      reading.push(abort);
      return abort;
    };
    // Also when a test failed: nobody may go on reading.
    afterEach(() => reading.splice(0).forEach((abort) => abort.abort()));

    /** Reads along until `stop`. */
    const follow = (from: Position, reader: EventStore = store, categories = [thing]) => {
      const abort = newReading();
      const pages: EventPage[] = [];
      const done = (async () => {
        for await (const page of reader.subscribe(categories, from, abort.signal)) pages.push(page);
      })();
      done.catch(() => undefined);
      return {
        pages,
        done,
        events: () => pages.flatMap(({ events }) => events),
        reached: () => pages.at(-1)?.position ?? from,
        stop: async () => {
          abort.abort();
          await done;
        },
      };
    };

    describe('appending', () => {
      it('numbers a stream from 0 and reads back what was written', async () => {
        const stream = newStream();
        const full = {
          ...event({ text: 'ä\n"\\', list: [1, null] }),
          metadata: {
            ...event().metadata,
            actor: 'ann',
            actorId: 'k-1',
            contentHash: 'hash',
            traceparent: 'trace',
          },
        };
        const events = [event({ a: 1 }), full];
        const appended = await store.append(stream, events, NO_STREAM);
        expect(appended).toEqual({ revision: 1, position: appended.position, repeated: false });
        const read = await other.read(stream);
        expect(read).toEqual(
          events.map((one, revision) => ({
            ...one,
            stream,
            revision,
            position: read[revision]!.position,
          })),
        );
        expect(read[1]!.position).toBe(appended.position);
        expect(read[0]!.position).toBeLessThan(read[1]!.position);
        expect(await store.read(stream, 1)).toEqual(read.slice(1));
        expect(await store.read(stream, 2)).toEqual([]);
        expect(await store.read(newStream())).toEqual([]);
      });

      it.each([
        ['a stream that is there', NO_STREAM],
        ['a revision that is past', 0],
        ['a revision that is not yet', 2],
      ])('refuses %s', async (_, expected) => {
        const stream = newStream();
        await store.append(stream, [event(), event()], NO_STREAM);
        const refused = other.append(stream, [event()], expected);
        await expect(refused).rejects.toBeInstanceOf(ConflictError);
        await expect(refused).rejects.toMatchObject({ stream, expected });
        expect(await store.read(stream)).toHaveLength(2);
      });

      it('refuses to go on in a stream that is not there', async () => {
        const stream = newStream();
        await expect(store.append(stream, [event()], 0)).rejects.toBeInstanceOf(ConflictError);
        expect(await store.read(stream)).toEqual([]);
      });

      it('takes the same events at the same place as success, whoever repeats them', async () => {
        const stream = newStream();
        const events = [event({ a: 1 }), event()];
        const { position } = await store.append(stream, events, NO_STREAM);
        const again = { revision: 1, position, repeated: true };
        expect(await store.append(stream, events, NO_STREAM)).toEqual(again);
        await store.append(stream, [event()], 1);
        expect(await other.append(stream, events, NO_STREAM)).toEqual(again);
        // The ids decide: that they now say something else is for the caller to judge.
        const changed = events.map((one) => ({ ...one, data: { other: true } }));
        expect(await other.append(stream, changed, NO_STREAM)).toEqual(again);
        expect((await store.read(stream)).map(({ data }) => data)).toEqual([{ a: 1 }, {}, {}]);
      });

      it('takes half of it, or the same elsewhere, for something else', async () => {
        const stream = newStream();
        const [one, two] = [event(), event()];
        await store.append(stream, [one, two], NO_STREAM);
        for (const [events, expected] of [
          [[one, event()], NO_STREAM],
          [[one, two, event()], NO_STREAM],
          [[two], NO_STREAM],
          [[one, two], 0],
        ] as const)
          await expect(store.append(stream, events, expected)).rejects.toThrow(ConflictError);
        expect(await store.read(stream)).toHaveLength(2);
      });

      it('writes all events or none, and lets data that is no JSON fail alone', async () => {
        const [broken, fine] = [newStream(), newStream()];
        const loop: { self?: unknown } = {};
        loop.self = loop;
        const results = await Promise.allSettled([
          store.append(broken, [event(), event(loop), event()], NO_STREAM),
          store.append(fine, [event()], NO_STREAM),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
        expect(await store.read(broken)).toEqual([]);
        await expect(store.append(fine, [], 0)).rejects.toThrow('Nothing to append');
      });

      it('lets exactly one of many racing writers win each revision', async () => {
        const stream = newStream();
        for (let expected = NO_STREAM; expected < 10; expected += 1) {
          const racers = [store, other, store, other].map((writer) =>
            writer.append(stream, [event(), event()], expected * 2 + 1),
          );
          const settled = await Promise.allSettled(racers);
          const lost = settled.filter((one) => one.status === 'rejected');
          expect(lost).toHaveLength(3);
          for (const { reason } of lost) expect(reason).toBeInstanceOf(ConflictError);
        }
        const revisions = (await store.read(stream)).map(({ revision }) => revision);
        expect(revisions).toEqual([...Array(22).keys()]);
      });
    });

    describe('subscribing', () => {
      it('sees every event once and in commit order, with two writers at work', async () => {
        const before = await store.head();
        const live = follow(before);
        const streams = Array.from({ length: 60 }, () => newStream());
        await Promise.all(
          streams.map(async (stream, index) => {
            const writer = index % 2 === 0 ? store : other;
            for (let expected = NO_STREAM; expected < 9; expected += 2)
              await writer.append(stream, [event(), event()], expected);
          }),
        );
        const late = follow(before, other);
        for (const reader of [live, late])
          await until(() => reader.events().length === 600, { what: 'all', ...DEADLINE });
        await Promise.all([live.stop(), late.stop()]);
        expect(late.events()).toEqual(live.events());
        const positions = live.events().map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
        expect(positions[0]!).toBeGreaterThan(before);
        for (const stream of streams)
          expect(live.events().filter((one) => one.stream === stream)).toEqual(
            await store.read(stream),
          );
      });

      it('leaves out other categories, and says how far it has read past them', async () => {
        const before = await store.head();
        const stream = newStream();
        await store.append(stream, [event(1)], NO_STREAM);
        const reader = follow(before);
        await until(() => reader.events().length === 1, DEADLINE);
        const foreigners = Array.from({ length: 600 }, () => event());
        await store.append(newStream(foreign), foreigners, NO_STREAM);
        const head = await store.head();
        await until(() => reader.reached() >= head, { what: 'the head', ...DEADLINE });
        await store.append(stream, [event(2)], 0);
        await until(() => reader.events().length === 2, DEADLINE);
        await reader.stop();
        expect(reader.events()).toEqual(await store.read(stream));
      });

      it('goes on where it left off, from any position that it told', async () => {
        const before = await store.head();
        const stream = newStream();
        for (let expected = NO_STREAM; expected < 4; expected += 1) {
          await store.append(stream, [event(), event()], expected * 2 + 1);
          await store.append(newStream(foreign), [event()], NO_STREAM);
        }
        const all = follow(before);
        await until(() => all.events().length === 10, DEADLINE);
        await until(async () => all.reached() >= (await store.head()), DEADLINE);
        await all.stop();
        const positions = all.pages.map(({ position }) => position);
        for (const from of new Set([positions[0]!, positions.at(-1)!])) {
          const rest = follow(from);
          const expected = all.events().filter(({ position }) => position > from);
          const marker = await store.append(newStream(), [event('marker')], NO_STREAM);
          await until(() => rest.reached() >= marker.position, DEADLINE);
          await rest.stop();
          expect(rest.events().slice(0, -1)).toEqual(expected);
          expect(rest.events().at(-1)!.data).toBe('marker');
          expected.push(rest.events().at(-1)!);
          break;
        }
      });

      it('waits for a reader that is slow, and misses nothing', async () => {
        const before = await store.head();
        const abort = newReading();
        const pages = store.subscribe([thing], before, abort.signal)[Symbol.asyncIterator]();
        const total = 3_000;
        const first = pages.next();
        for (let count = 0; count < total; count += 500)
          await other.append(
            newStream(),
            Array.from({ length: 500 }, (_, at) => event(count + at)),
            NO_STREAM,
          );
        const seen: unknown[] = [];
        for (let next = first; seen.length < total; next = pages.next()) {
          const page = (await next).value as EventPage;
          seen.push(...page.events.map(({ data }) => data));
        }
        expect(seen).toEqual([...Array(total).keys()]);
        abort.abort();
        expect((await pages.next()).done).toBe(true);
      });

      it('brings one large append to many readers at once', async () => {
        const before = await store.head();
        const readers = Array.from({ length: 10 }, () => follow(before));
        const first = await store.append(newStream(), [event(-1)], NO_STREAM);
        for (const reader of readers)
          await until(() => reader.reached() >= first.position, DEADLINE);
        const many = Array.from({ length: 500 }, (_, at) => event(at));
        await other.append(newStream(), many, NO_STREAM);
        for (const reader of readers) {
          await until(() => reader.events().length === 501, { what: 'all', ...DEADLINE });
          expect(reader.events().map(({ data }) => data)).toEqual([
            -1,
            ...many.map(({ data }) => data),
          ]);
        }
        await Promise.all(readers.map((reader) => reader.stop()));
      });

      it('ends when it is told to, also while nothing happens', async () => {
        const reader = follow(await store.head());
        await reader.stop();
        const waiting = follow(await store.head());
        const { position } = await store.append(newStream(), [event()], NO_STREAM);
        await until(() => waiting.reached() >= position, DEADLINE);
        await waiting.stop();
      });
    });

    // The log in Postgres is written by none but us.
    const foreigners = () => {
      const streamOf = async (...data: readonly unknown[]): Promise<string> => {
        const stream = newStream();
        await store.append(
          stream,
          data.map((one) => event(one)),
          NO_STREAM,
        );
        return stream;
      };
      /** What is wrong with a stream is no outage, and names it. */
      const expectFault = async (stream: string, work: Promise<unknown>): Promise<void> => {
        await expect(work).rejects.toThrow(stream);
        await expect(work).rejects.not.toBeInstanceOf(TransientError);
        await expect(work).rejects.not.toBeInstanceOf(ConflictError);
      };

      it('never stops the readers of a category', async () => {
        const reader = follow(await store.head());
        const [deleted, mixed] = [await streamOf('a', 'b'), await streamOf('c')];
        await world.foreign!.deleteForEver(deleted);
        await world.foreign!.write(mixed);
        await streamOf('d');
        await until(() => reader.events().length === 4, DEADLINE);
        // Also of one that comes later, and reads what is there.
        const late = follow(reader.events()[0]!.position);
        await until(() => late.events().length === 3, DEADLINE);
        for (const one of [reader, late]) await one.stop();
        expect(late.events().map(({ data }) => data)).toEqual(['b', 'c', 'd']);
        await expectFault(deleted, store.read(deleted));
        await expectFault(deleted, store.append(deleted, [event()], 1));
        await expectFault(mixed, store.read(mixed));
      });

      it('is a fault of the stream whose first events are gone', async () => {
        const cut = await streamOf(0, 1, 2, 3);
        await world.foreign!.keepLast(cut, 2);
        await expectFault(cut, store.read(cut));
        await expectFault(cut, store.read(cut, 1));
        expect((await store.read(cut, 2)).map(({ data }) => data)).toEqual([2, 3]);
        const aged = await streamOf(0, 1);
        await world.foreign!.keepFrom(aged, 1);
        await expectFault(aged, store.read(aged));
      });

      it('is a fault of a stream that was deleted and goes on where it ended', async () => {
        const stream = await streamOf(0, 1);
        await world.foreign!.deleteSoftly(stream);
        expect(await store.read(stream)).toEqual([]);
        await expectFault(stream, store.append(stream, [event(2)], NO_STREAM));
        await expectFault(stream, store.read(stream));
      });

      it('takes nothing that is larger than it ever takes, and says so', async () => {
        const huge = store.append(newStream(), [event('x'.repeat(17 * 1024 * 1024))], NO_STREAM);
        await expect(huge).rejects.toThrow(/larger|exceed/i);
        await expect(huge).rejects.not.toBeInstanceOf(TransientError);
      });
    };
    if (hasForeigners) describe('what other programs do to our streams', foreigners);

    describe('an outage', () => {
      let network: FaultyNetwork;
      beforeEach(async () => {
        network = await world.network();
      });
      afterEach(() => network.stop());

      it('fails what is under way as "not now", of this client alone; readers miss nothing', async () => {
        const errors: unknown[] = [];
        const far = world.openFar(network, (error) => errors.push(error));
        const reader = follow(await store.head(), far);
        await far.append(newStream(), [event('before')], NO_STREAM);
        await until(() => reader.events().length === 1, DEADLINE);

        network.freeze();
        const appends = ['u', 'v', 'w'].map((data) =>
          far.append(newStream(), [event(data)], NO_STREAM),
        );
        const reads = [far.read(newStream()), far.head()];
        const near = [1, 2, 3].map((data) => store.append(newStream(), [event(data)], NO_STREAM));
        for (const settled of await Promise.allSettled([...appends, ...reads]))
          expect((settled as PromiseRejectedResult).reason).toBeInstanceOf(TransientError);
        expect((await Promise.all(near)).map(({ revision }) => revision)).toEqual([0, 0, 0]);
        expect(reader.events()).toHaveLength(1);

        network.cut();
        network.heal();
        await until(() => reader.events().length === 4, DEADLINE);
        await untilDone(() => far.append(newStream(), [event('after')], NO_STREAM));
        await until(() => reader.events().length === 5, DEADLINE);
        expect(
          reader
            .events()
            .map(({ data }) => data)
            .sort(),
        ).toEqual([1, 2, 3, 'after', 'before']);
        expect(errors.length).toBeGreaterThan(0);
        await reader.stop();
      });

      it('that lost the answer alone leaves an append that is there when it is repeated', async () => {
        const far = world.openFar(network);
        const stream = newStream();
        const events = [event(), event()];
        await far.append(stream, [event()], NO_STREAM);

        network.loseReplies();
        await expect(far.append(stream, events, 0)).rejects.toBeInstanceOf(TransientError);
        await until(async () => (await store.read(stream)).length === 3, DEADLINE);
        network.cut();
        network.heal();
        const again = await untilDone(() => far.append(stream, events, 0));
        expect(again).toMatchObject({ revision: 2, repeated: true });
        await expect(far.append(stream, [event()], 0)).rejects.toBeInstanceOf(ConflictError);
        expect(await store.read(stream)).toHaveLength(3);
      });

      it('of a server that is gone is over when it is back', async () => {
        const far = world.openFar(network);
        await far.head();
        network.refuse();
        await expect(far.append(newStream(), [event()], NO_STREAM)).rejects.toThrow(TransientError);
        await expect(far.read(newStream())).rejects.toBeInstanceOf(TransientError);
        network.heal();
        await untilDone(() => far.append(newStream(), [event()], NO_STREAM));
      });
    });

    describe('the epoch', () => {
      it('is one for all, and a reader of it goes on', async () => {
        const epoch = await store.epoch();
        expect(await other.epoch()).toBe(epoch);
        const position = await store.head();
        expect(await sameLog(other, 'reader', { position, epoch })).toBe(epoch);
        expect(await sameLog(other, 'reader', { position: START, epoch: undefined })).toBe(epoch);
      });

      it('stops who is ahead of the log', async () => {
        const kept = { position: (await store.head()) + 1_000_000n, epoch: await store.epoch() };
        await expect(sameLog(store, 'late reader', kept)).rejects.toThrow(
          'late reader has read a log',
        );
      });

      (isShared ? it.skip : it)('that begins stops every reader of the one before', async () => {
        const reader = follow(await store.head());
        const kept = { position: await store.head(), epoch: await store.epoch() };
        const { position } = await store.append(newStream(), [event()], NO_STREAM);
        await until(() => reader.reached() >= position, DEADLINE);
        const begun = await other.beginEpoch();
        expect(begun).not.toBe(kept.epoch);
        await expect(reader.done).rejects.toBeInstanceOf(ReplacedLogError);
        await expect(sameLog(store, 'reader', kept)).rejects.toBeInstanceOf(ReplacedLogError);
        expect(await store.epoch()).toBe(begun);
      });
    });
  });
};

/** Until it succeeds: what is not now may be soon. */
const untilDone = <Result>(work: () => Promise<Result>): Promise<Result> =>
  until(
    () =>
      work().catch((error: unknown) => {
        if (error instanceof TransientError) return undefined;
        throw error;
      }),
    DEADLINE,
  ) as Promise<Result>;

const postgresWorld = async (): Promise<StoreWorld> => {
  const database = await freshDatabase({ schema: 'log' });
  const opened: Database[] = [database];
  return {
    open: () => new PostgresLog(database),
    openFar: ({ connectionString }, onError) => {
      const far = new Database({ ...database.options, connectionString, connectionsMax: 3 });
      opened.push(far);
      return new PostgresLog(far, onError);
    },
    network: () => faultyNetwork(database.options.connectionString),
    stop: async () => {
      for (const one of opened) await one.stop();
    },
  };
};

const eventStoreWorld = (connectionString: string, stopServer: () => Promise<void>): StoreWorld => {
  const opened: EventStoreDb[] = [];
  const foreign = foreigner(connectionString);
  const open = (at: string, onError?: (error: unknown) => void): EventStoreDb => {
    const store = new EventStoreDb(at, onError && { onError });
    opened.push(store);
    return store;
  };
  return {
    open: () => open(connectionString),
    openFar: (network, onError) => open(network.connectionString, onError),
    network: () => faultyNetwork(connectionString),
    foreign,
    stop: async () => {
      for (const store of opened) await store.stop();
      await foreign.stop();
      await stopServer();
    },
  };
};

storeContract('the Postgres log', postgresWorld);

storeContract(
  'EventStoreDB (a double of it)',
  async () => {
    const double = await startDouble();
    return eventStoreWorld(double.connectionString, () => double.stop());
  },
  { hasForeigners: true },
);

const url = process.env.EVENTSTORE_URL;
if (url)
  storeContract('EventStoreDB', async () => eventStoreWorld(url, async () => undefined), {
    isShared: true,
    hasForeigners: true,
  });
