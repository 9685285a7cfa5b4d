import { randomUUID } from 'node:crypto';
import {
  accept,
  derivedId,
  reject,
  TransientError,
  type Decider,
  type Message,
} from '@throughline/kernel';
import { Database } from '@throughline/postgres';
import { faultyNetwork, freshDatabase } from '@throughline/testing';
import {
  codecOf,
  commandHandler,
  PostgresLog,
  type Cause,
  type EventStore,
  type NewEvent,
} from './index.js';

type Drawn = Message<'Drawn', { readonly amount: number; readonly left: number }>;
type Filled = Message<'Filled', { readonly amount: number }>;
type Draw = Message<'Draw', { readonly amount: number }>;
type Fill = Message<'Fill', { readonly amount: number }>;
type Command = Draw | Fill;
type Event = Drawn | Filled;
type Empty = { readonly code: 'empty'; readonly left: number };

let decisions = 0;
/** A cask that can be filled and drawn from; it never holds less than nothing. */
const cask: Decider<Command, Event, number, Empty> = {
  initialState: 0,
  decide: ({ type, data: { amount } }, level) => {
    decisions += 1;
    if (amount === 0) return accept();
    if (type === 'Fill') return accept({ type: 'Filled', data: { amount } });
    if (amount > level) return reject({ code: 'empty', left: level });
    return accept({ type: 'Drawn', data: { amount, left: level - amount } });
  },
  evolve: (level, { type, data }) => level + (type === 'Filled' ? data.amount : -data.amount),
};
const codec = codecOf<Event>({ Drawn: { version: 1 }, Filled: { version: 1 } });
const NOW = '2026-01-01T00:00:00.000Z';

let database: Database;
let log: PostgresLog;
beforeAll(async () => {
  database = await freshDatabase({ schema: 'casks' });
  log = new PostgresLog(database);
});
afterAll(() => database.stop());

/** A process of its own: handlers of several know nothing of each other but the store. */
const newHandler = (store: EventStore = new PostgresLog(database), cachedStreamsMax?: number) =>
  commandHandler({
    store,
    category: 'cask',
    decider: cask,
    codec,
    now: () => NOW,
    cachedStreamsMax,
  });
const fill = (amount: number): Fill => ({ type: 'Fill', data: { amount } });
const draw = (amount: number): Draw => ({ type: 'Draw', data: { amount } });
const newId = (): string => randomUUID();

/** The real store, with something that happens before each append, and its reads counted. */
const watched = (beforeAppend: (stream: string, events: readonly NewEvent[]) => Promise<void>) => {
  let reads = 0;
  const store: EventStore = {
    append: async (stream, events, expected) => {
      await beforeAppend(stream, events);
      return log.append(stream, events, expected);
    },
    read: (stream, from) => {
      reads += 1;
      return log.read(stream, from);
    },
    subscribe: (categories, from, signal) => log.subscribe(categories, from, signal),
    head: () => log.head(),
    epoch: () => log.epoch(),
  };
  return { store, readsSoFar: () => reads };
};
const nothing = async (): Promise<void> => undefined;

describe('a command', () => {
  it('becomes events that name their cause', async () => {
    const [id, causeId] = [newId(), newId()];
    const cause: Cause = {
      id: causeId,
      correlationId: 'story',
      actor: 'ann',
      contentHash: 'hash',
      traceparent: 'trace',
    };
    const result = await newHandler()(id, fill(5), cause);
    const [stored] = await log.read(`cask-${id}`);
    expect(result).toEqual({
      ok: true,
      events: [{ type: 'Filled', data: { amount: 5 } }],
      state: 5,
      revision: 0,
      position: stored!.position,
      repeated: false,
    });
    expect(stored).toEqual({
      id: derivedId(`cask-${id}`, causeId, 0),
      type: 'Filled',
      version: 1,
      data: { amount: 5 },
      metadata: {
        at: NOW,
        causationId: causeId,
        correlationId: 'story',
        actor: 'ann',
        contentHash: 'hash',
        traceparent: 'trace',
      },
      stream: `cask-${id}`,
      revision: 0,
      position: stored!.position,
    });
  });

  it('without a story begins one', async () => {
    const id = newId();
    await newHandler()(id, fill(5), 'the-cause');
    expect((await log.read(`cask-${id}`))[0]!.metadata).toEqual({
      at: NOW,
      causationId: 'the-cause',
      correlationId: 'the-cause',
    });
  });

  it('that is refused leaves nothing, and is not remembered', async () => {
    const [id, handle] = [newId(), newHandler()];
    expect(await handle(id, draw(1), 'draw')).toEqual({
      ok: false,
      rejection: { code: 'empty', left: 0 },
    });
    expect(await log.read(`cask-${id}`)).toEqual([]);
    await handle(id, fill(1), 'fill');
    expect(await handle(id, draw(1), 'draw')).toMatchObject({
      ok: true,
      state: 0,
      repeated: false,
    });
  });

  it('that changes nothing says where the stream stands', async () => {
    const [id, handle] = [newId(), newHandler()];
    const nowhere = { ok: true, events: [], state: 0, revision: -1, repeated: false };
    expect(await handle(id, fill(0), newId())).toEqual(nowhere);
    await handle(id, fill(4), newId());
    expect(await handle(id, fill(0), newId())).toEqual({ ...nowhere, state: 4, revision: 0 });
  });

  it('that throws harms neither the stream nor the next command', async () => {
    const [id, handle] = [newId(), newHandler()];
    const broken = handle(id, { type: 'Fill' } as Fill, newId());
    const next = handle(id, fill(2), newId());
    await expect(broken).rejects.toThrow(TypeError);
    expect(await next).toMatchObject({ ok: true, state: 2 });
  });
});

describe('a cause that comes again', () => {
  const twice = { amount: 3, left: 7 };
  const begin = async () => {
    const id = newId();
    const handle = newHandler();
    await handle(id, fill(10), { id: 'fill', contentHash: 'ten' });
    const first = await handle(id, draw(3), { id: 'draw', contentHash: 'three' });
    await handle(id, draw(4), 'later');
    return { id, handle, position: first.ok ? first.position : undefined };
  };
  type Begun = Awaited<ReturnType<typeof begin>>;
  const handlers: [string, (begun: Begun) => Begun['handle'], { likelyNew?: boolean }][] = [
    ['in the same process', ({ handle }) => handle, {}],
    ['in another process', () => newHandler(), {}],
    ['in another process, taken for new', () => newHandler(), { likelyNew: true }],
    ['in the same process, taken for new', ({ handle }) => handle, { likelyNew: true }],
  ];

  it.each(handlers)('is answered with its events, %s', async (_, handlerOf, options) => {
    const begun = await begin();
    const again = handlerOf(begun);
    decisions = 0;
    const answer = await again(begun.id, draw(3), { id: 'draw', contentHash: 'three' }, options);
    expect(answer).toEqual({
      ok: true,
      events: [{ type: 'Drawn', data: twice }],
      state: 3,
      revision: 2,
      position: begun.position,
      repeated: true,
    });
    // Taken for new it is decided once in vain; nobody sees that.
    expect(decisions).toBeLessThanOrEqual(options.likelyNew ? 1 : 0);
    expect(await log.read(`cask-${begun.id}`)).toHaveLength(3);
  });

  it.each(handlers)('with other content is refused, %s', async (_, handlerOf, options) => {
    const begun = await begin();
    const again = handlerOf(begun);
    const other = await again(begun.id, fill(99), { id: 'fill', contentHash: 'more' }, options);
    expect(other).toEqual({ ok: false, rejection: { code: 'idempotency-key-reused' } });
    expect(await log.read(`cask-${begun.id}`)).toHaveLength(3);
  });

  it('is known to itself when both come at once', async () => {
    const [id, one, other] = [newId(), newHandler(), newHandler()];
    const answers = await Promise.all(
      [one, other, one, other].map((handle) => handle(id, fill(5), 'same', { likelyNew: true })),
    );
    expect(answers.map((answer) => answer.ok && answer.state)).toEqual([5, 5, 5, 5]);
    expect(answers.filter((answer) => answer.ok && !answer.repeated)).toHaveLength(1);
    expect(await log.read(`cask-${id}`)).toHaveLength(1);
  });

  it('after a write whose outcome was unknown finds it done', async () => {
    const id = newId();
    let isLost = true;
    const { store } = watched(nothing);
    const handle = newHandler({
      ...store,
      append: async (stream, events, expected) => {
        const appended = await store.append(stream, events, expected);
        if (isLost) throw new TransientError('no answer');
        return appended;
      },
    });
    await expect(handle(id, fill(5), 'cause')).rejects.toBeInstanceOf(TransientError);
    isLost = false;
    expect(await handle(id, fill(5), 'cause')).toMatchObject({ state: 5, repeated: true });
    expect(await log.read(`cask-${id}`)).toHaveLength(1);
  });
});

describe('a command that is likely to begin a stream', () => {
  it('needs no read when it does', async () => {
    const { store, readsSoFar } = watched(nothing);
    const handle = newHandler(store);
    const result = await handle(newId(), fill(5), newId(), { likelyNew: true });
    expect(result).toMatchObject({ ok: true, state: 5, revision: 0 });
    expect(readsSoFar()).toBe(0);
  });

  it('is decided on what is there when it does not', async () => {
    const id = newId();
    await newHandler()(id, fill(5), newId());
    const likelyNew = true;
    const added = await newHandler()(id, fill(2), newId(), { likelyNew });
    expect(added).toMatchObject({ ok: true, state: 7, revision: 1 });
    const drawn = await newHandler()(id, draw(6), newId(), { likelyNew });
    expect(drawn).toMatchObject({ ok: true, state: 1, revision: 2 });
    const refused = await newHandler()(id, draw(6), newId(), { likelyNew });
    expect(refused).toEqual({ ok: false, rejection: { code: 'empty', left: 1 } });
  });
});

describe('a stream that another process has moved on', () => {
  const stale = async () => {
    const id = newId();
    const handle = newHandler();
    await handle(id, fill(2), newId());
    await newHandler()(id, fill(8), 'elsewhere');
    return { id, handle };
  };

  it('costs a lost race and no wrong event', async () => {
    const { id, handle } = await stale();
    expect(await handle(id, draw(1), newId())).toMatchObject({
      events: [{ type: 'Drawn', data: { amount: 1, left: 9 } }],
      revision: 2,
    });
  });

  it('causes no wrong refusal', async () => {
    const { id, handle } = await stale();
    expect(await handle(id, draw(10), newId())).toMatchObject({ ok: true, state: 0 });
  });

  it('is known where nothing happens', async () => {
    const { id, handle } = await stale();
    expect(await handle(id, fill(0), newId())).toMatchObject({ state: 10, revision: 1 });
  });

  it('shows a cause that was carried out there', async () => {
    const { id, handle } = await stale();
    const again = await handle(id, fill(8), 'elsewhere');
    expect(again).toMatchObject({ state: 10, revision: 1, repeated: true });
  });

  it('is forgotten when too many others came between', async () => {
    const handle = newHandler(undefined, 1);
    const [id, other] = [newId(), newId()];
    await handle(id, fill(2), newId());
    await handle(other, fill(1), newId());
    expect(await handle(id, draw(2), newId())).toMatchObject({ ok: true, state: 0 });
  });
});

describe('commands of one process on one stream', () => {
  it('wait for one another instead of racing, in the order in which they came', async () => {
    const [id, handle] = [newId(), newHandler()];
    decisions = 0;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => handle(id, fill(at), `fill ${at}`)),
    );
    expect(answers.map((answer) => answer.ok && answer.state)).toEqual(
      Array.from({ length: 30 }, (_, at) => (at * (at + 1)) / 2),
    );
    expect(decisions).toBe(30);
  });
});

describe('a race', () => {
  it('that is lost is decided again on what the winner wrote', async () => {
    const id = newId();
    const rival = newHandler();
    let races = 0;
    const { store } = watched(async () => {
      races += 1;
      if (races <= 3) await rival(id, fill(1), newId());
    });
    const handle = newHandler(store);
    expect(await handle(id, fill(10), newId())).toMatchObject({ state: 13, revision: 3 });
  });

  it('that is lost for good is "not now", and spoils nothing', async () => {
    const id = newId();
    const rival = newHandler();
    let isRacing = true;
    const { store } = watched(async () => {
      if (isRacing) await rival(id, fill(1), newId());
    });
    const handle = newHandler(store);
    await expect(handle(id, fill(10), 'mine')).rejects.toBeInstanceOf(TransientError);
    isRacing = false;
    const { state } = await handle.load(id);
    expect(state).toBe(9);
    expect(await handle(id, fill(10), 'mine')).toMatchObject({ state: 19, repeated: false });
  });

  it('between processes never loses an update, nor draws what is not there', async () => {
    const id = newId();
    const handlers = [newHandler(), newHandler(), newHandler()];
    await handlers[0]!(id, fill(20), newId());
    const commands = Array.from({ length: 45 }, (_, at) => ({
      handle: handlers[at % 3]!,
      cause: `draw ${at % 40}`,
    }));
    const draws = commands.map(({ handle, cause }) => {
      const untilDone = async (): Promise<boolean> => {
        try {
          return (await handle(id, draw(1), cause)).ok;
        } catch (error) {
          if (!(error instanceof TransientError)) throw error;
          return untilDone();
        }
      };
      return untilDone();
    });
    const taken = (await Promise.all(draws)).filter(Boolean);
    const { state, revision } = await handlers[0]!.load(id);
    expect([state, revision]).toEqual([0, 20]);
    expect(taken.length).toBeGreaterThanOrEqual(20);
    const left = (await log.read(`cask-${id}`))
      .slice(1)
      .map(({ data }) => (data as Drawn['data']).left);
    expect(left).toEqual(Array.from({ length: 20 }, (_, at) => 19 - at));
  });
});

describe('a store that is away', () => {
  it('is "not now"; the same command is carried out when it is back', async () => {
    const network = await faultyNetwork(database.options.connectionString);
    const { connectionString } = network;
    const remote = new Database({ ...database.options, connectionString, connectionsMax: 1 });
    const handle = newHandler(new PostgresLog(remote));
    const id = newId();
    await handle(id, fill(3), newId());
    network.freeze();
    await expect(handle(id, draw(1), 'draw')).rejects.toBeInstanceOf(TransientError);
    network.heal();
    network.cut();
    const answer = await handle(id, draw(1), 'draw');
    expect(answer).toMatchObject({ ok: true, state: 2 });
    expect(await log.read(`cask-${id}`)).toHaveLength(2);
    await network.stop();
    await remote.stop();
  });
});

describe('a handler', () => {
  it('folds a stream for its readers', async () => {
    const [id, handle] = [newId(), newHandler()];
    expect(await handle.load(id)).toEqual({ state: 0, revision: -1 });
    await handle(id, fill(4), newId());
    expect(await handle.load(id)).toEqual({ state: 4, revision: 0 });
  });

  it('is not made for a category that streams could not be told by', () =>
    expect(() =>
      commandHandler({ store: log, category: 'wine-cask', decider: cask, codec, now: () => NOW }),
    ).toThrow(/wine-cask/));
});
