import {
  AvailabilityChanged,
  OrderConfirmed,
  OrderLinesCancelled,
  type ContractMessage,
} from '@throughline/contracts';
import { TransientError } from '@throughline/kernel';
import { until } from '@throughline/testing';
import {
  AT,
  at,
  confirmed,
  numberOf,
  type BusWorld,
  type Process,
  type Said,
} from './bus-worlds.fixtures.js';
import { consumer, on, type Consumer } from './message-bus.js';

const cancelled = (key: string): Said => ({
  topic: 'oms.order',
  type: 'OrderLinesCancelled',
  key,
  data: { orderId: key, lines: [{ lineId: '1', sku: 'a', quantity: 1 }] },
});
const available = (sku: string, version: number): Said => ({
  topic: 'oms.availability',
  type: 'AvailabilityChanged',
  key: sku,
  data: { sku, locationId: 'here', available: 1, version },
});
const unknown = (key: string): Said => ({ ...confirmed(key), type: 'OrderTeleported' });
const broken = (key: string): Said => ({ ...confirmed(key), data: { orderId: key } });
/** A process that died is noticed within seconds, and a loaded machine is slow. */
const PATIENCE_MS = 60_000;
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
};
const gate = () => {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
};

/** What every message bus must do, whatever carries it. */
export const busContract = (
  name: string,
  makeWorld: (options?: { readonly sessionTimeoutMs: number }) => Promise<BusWorld>,
): void => {
  let world: BusWorld;
  let here: Process;
  let subscriptions: { stop(): Promise<void> }[];
  /** Messages handled, as `<key> <number>`. */
  let seen: string[];

  beforeEach(async () => {
    world = await makeWorld();
    here = await world.open();
    subscriptions = [];
    seen = [];
  });
  afterEach(async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    await world.stop();
  });

  type HandleConfirmed = (message: ContractMessage<OrderConfirmed>) => Promise<void>;
  const note: HandleConfirmed = async (message) => {
    seen.push(`${message.key} ${numberOf(message)}`);
  };
  const ordersReader = (handle: HandleConfirmed = note, group = 'readers', most = 16): Consumer =>
    consumer({
      group,
      topic: 'oms.order',
      handlers: [on(OrderConfirmed, handle)],
      concurrentMax: most,
    });
  const subscribe = (reader: Consumer, { bus } = here): { stop(): Promise<void> } => {
    const subscription = bus.subscribe(reader);
    subscriptions.push(subscription);
    return subscription;
  };
  const parked = (process = here) => process.deadLetters.list(1_000);
  const parkedKeys = async (): Promise<string[]> =>
    (await parked()).map(({ key, holdsKey }) => `${key} ${holdsKey ? 'held' : 'free'}`);
  const ofKey = (key: string): number[] =>
    seen.filter((text) => text.startsWith(`${key} `)).map((text) => Number(text.split(' ')[1]));
  /** In the world of this test a process that died is missed soon. */
  const crashesAreNoticed = async (): Promise<void> => {
    await world.stop();
    world = await makeWorld({ sessionTimeoutMs: 2_000 });
    here = await world.open();
  };
  const caughtUp = (process = here): Promise<true> =>
    until(() => process.isCaughtUp(), { what: 'caught up', deadlineMs: PATIENCE_MS });
  /** Has a parked message handled again; answers how many went through, and throws why one did not. */
  const replay = async (parkedId: number, { deadLetters } = here): Promise<number> => {
    const answer = await deadLetters.requestReplay(parkedId, PATIENCE_MS);
    if (answer.outcome === 'failed') throw new Error(answer.error);
    if (answer.outcome === 'pending') throw new Error('Nobody took it up');
    return answer.replayed;
  };

  describe(`${name}: delivery`, () => {
    it('starts at the beginning, for every group by itself', async () => {
      await world.produce(confirmed('a', 1), confirmed('a', 2));
      const others: number[] = [];
      subscribe(ordersReader());
      subscribe(
        ordersReader(async (message) => {
          others.push(numberOf(message));
        }, 'others'),
      );
      await caughtUp();
      await world.produce(confirmed('a', 3));
      await caughtUp();
      expect([ofKey('a'), others]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
    });

    it('brings the whole message', async () => {
      let message: ContractMessage | undefined;
      subscribe(
        ordersReader(async (received) => {
          message = received;
        }),
      );
      await world.produce(confirmed('a', 7));
      await caughtUp();
      expect(message).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: 'OrderConfirmed',
        topic: 'oms.order',
        source: 'order-capture',
        key: 'a',
        time: AT,
        data: { orderId: 'a', confirmedAt: at(7) },
        correlationId: 'story',
        causationId: 'cause',
        stream: expect.any(String),
        streamRevision: 0,
      });
    });

    it('keeps the order of a key, one at a time, while keys run side by side', async () => {
      const busy = new Set<string>();
      let most = 0;
      subscribe(
        ordersReader(async (message) => {
          expect(busy.has(message.key)).toBe(false);
          busy.add(message.key);
          most = Math.max(most, busy.size);
          await turns((numberOf(message) * 7 + message.key.length * 3) % 10);
          await note(message);
          busy.delete(message.key);
        }),
      );
      const keys = Array.from({ length: 12 }, (_, index) => `order-${index}`);
      const numbers = Array.from({ length: 15 }, (_, index) => index);
      await world.produce(
        ...numbers.flatMap((number) => keys.map((key) => confirmed(key, number))),
      );
      await until(() => seen.length >= keys.length * numbers.length);
      for (const key of keys) expect(ofKey(key)).toEqual(numbers);
      expect(most).toBeGreaterThan(1);
    });

    it('does not let a slow key stop the others', async () => {
      const { open, passed } = gate();
      subscribe(
        ordersReader(async (message) => {
          if (message.key === 'slow') await passed;
          await note(message);
        }),
      );
      const others = Array.from({ length: 60 }, (_, number) =>
        confirmed(`order-${number % 7}`, number),
      );
      await world.produce(confirmed('slow', 1), confirmed('slow', 2), ...others);
      await until(() => seen.length === others.length);
      expect(ofKey('slow')).toEqual([]);
      open();
      await caughtUp();
      expect(ofKey('slow')).toEqual([1, 2]);
    });

    it('has no more messages under way than twice what the consumer says', async () => {
      let underWay = 0;
      let most = 0;
      subscribe(
        ordersReader(
          async (message) => {
            underWay += 1;
            most = Math.max(most, underWay);
            await turns(5);
            underWay -= 1;
            await note(message);
          },
          'readers',
          3,
        ),
      );
      await world.produce(
        ...Array.from({ length: 50 }, (_, number) => confirmed(`${number}`, number)),
      );
      await caughtUp();
      expect(seen).toHaveLength(50);
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(6);
    });

    it('skips types that the consumer does not handle, and other topics', async () => {
      subscribe(ordersReader());
      await world.produce(cancelled('a'), confirmed('a', 1), available('a', 1));
      await caughtUp();
      expect([seen, await parked()]).toEqual([['a 1'], []]);
    });

    it('hands each type to its own handler, in the order of the key', async () => {
      const types: string[] = [];
      const take = async ({ type }: ContractMessage): Promise<void> => void types.push(type);
      subscribe(
        consumer({
          group: 'readers',
          topic: 'oms.order',
          handlers: [on(OrderConfirmed, take), on(OrderLinesCancelled, take)],
        }),
      );
      await world.produce(cancelled('a'), confirmed('a'), cancelled('a'));
      await caughtUp();
      expect(types).toEqual(['OrderLinesCancelled', 'OrderConfirmed', 'OrderLinesCancelled']);
    });

    it('refuses a second reader of a group and topic, until the first has stopped', async () => {
      const first = subscribe(ordersReader());
      expect(() => here.bus.subscribe(ordersReader())).toThrow(/readers reads oms.order already/);
      await first.stop();
      subscribe(ordersReader());
    });
  });

  describe(`${name}: parking`, () => {
    it('comes after some tries, and takes the later messages of the key along', async () => {
      let tries = 0;
      subscribe(
        ordersReader(async (message) => {
          if (message.key !== 'bad') return note(message);
          tries += 1;
          throw new Error(`cannot\u0000 do ${numberOf(message)}`);
        }),
      );
      await world.produce(confirmed('bad', 1), confirmed('bad', 2), confirmed('good', 3));
      await caughtUp();
      await world.produce(confirmed('bad', 4), confirmed('good', 5));
      await caughtUp();
      expect(tries).toBe(5);
      expect(seen).toEqual(['good 3', 'good 5']);
      expect(
        (await parked()).map(({ group, topic, key, error, holdsKey }) => ({
          group,
          topic,
          key,
          error,
          holdsKey,
        })),
      ).toEqual([
        {
          group: 'readers',
          topic: 'oms.order',
          key: 'bad',
          error: 'Error: cannot do 1',
          holdsKey: true,
        },
        ...[2, 4].map(() => ({
          group: 'readers',
          topic: 'oms.order',
          key: 'bad',
          error: 'An earlier message of this key is parked',
          holdsKey: true,
        })),
      ]);
    });

    it('does not come for what succeeds in the end', async () => {
      let tries = 0;
      subscribe(
        ordersReader(async (message) => {
          tries += 1;
          if (tries < 5) throw new Error('not yet');
          await note(message);
        }),
      );
      await world.produce(confirmed('a', 1));
      await caughtUp();
      expect([tries, seen, await parked()]).toEqual([5, ['a 1'], []]);
    });

    it('holds its key also for the next process', async () => {
      const failing: HandleConfirmed = async () => {
        throw new Error('no');
      };
      const first = subscribe(ordersReader(failing));
      await world.produce(confirmed('bad', 1));
      await caughtUp();
      await first.stop();
      const next = await world.open();
      subscribe(ordersReader(), next);
      await world.produce(confirmed('bad', 2), confirmed('good', 3));
      await caughtUp(next);
      expect(seen).toEqual(['good 3']);
      expect(await parkedKeys()).toEqual(['bad held', 'bad held']);
    });

    it('takes data that break the contract at once, without asking the handler', async () => {
      subscribe(ordersReader());
      const ofAnother = { ...confirmed('c'), data: confirmed('d').data };
      await world.produce(broken('a'), confirmed('a', 1), confirmed('b', 2), ofAnother);
      await caughtUp();
      expect(seen).toEqual(['b 2']);
      expect((await parked()).map(({ error }) => error).toSorted()).toEqual([
        'An earlier message of this key is parked',
        'Breaks its contract: confirmedAt is required',
        'Breaks its contract: orderId is not the key',
      ]);
    });

    it('holds every key of many that break at the same moment', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `order-${index}`);
      await world.produce(
        ...keys.map(broken),
        ...keys.map((key) => confirmed(key, 1)),
        confirmed('good', 2),
      );
      subscribe(ordersReader(note, 'readers', 100));
      await caughtUp();
      expect(seen).toEqual(['good 2']);
      expect(await parked()).toHaveLength(80);
    });

    it('takes a type that nobody knows without holding its key', async () => {
      subscribe(ordersReader());
      await world.produce(confirmed('a', 1), unknown('a'), confirmed('a', 2));
      await caughtUp();
      expect(seen).toEqual(['a 1', 'a 2']);
      expect(await parkedKeys()).toEqual(['a free']);
      const [{ error, parkedId }] = (await parked()) as [Awaited<ReturnType<typeof parked>>[0]];
      expect(error).toBe('Unknown message type OrderTeleported');
      // Until a release knows it, there is nothing to replay it to.
      await expect(replay(parkedId)).rejects.toThrow(/Unknown message type OrderTeleported/);
      expect(await parkedKeys()).toEqual(['a free']);
    });

    it('never holds a key of a topic of states', async () => {
      const versions: number[] = [];
      subscribe(
        consumer({
          group: 'state-readers',
          topic: 'oms.availability',
          handlers: [
            on(AvailabilityChanged, async ({ data: { version } }) => {
              if (version === 2) throw new Error('no');
              versions.push(version);
            }),
          ],
        }),
      );
      const wrong: Said = { ...available('a', 3), data: { sku: 'a' } };
      await world.produce(available('a', 1), available('a', 2), wrong, available('a', 4));
      await caughtUp();
      expect(versions).toEqual([1, 4]);
      expect(await parkedKeys()).toEqual(['a free', 'a free']);
    });

    it('keeps one copy of a message that comes again', async () => {
      await crashesAreNoticed();
      const failing = ordersReader(async () => {
        throw new Error('no');
      });
      const first = subscribe(failing);
      await world.produce(confirmed('bad', 1), confirmed('bad', 2));
      await until(async () => (await parked()).length === 2);
      here.freeze();
      const next = await world.open();
      subscribe(failing, next);
      await world.produce(confirmed('bad', 3));
      await until(async () => (await parked(next)).length >= 3, { deadlineMs: PATIENCE_MS });
      expect(
        (await parked(next)).map(({ message }) =>
          numberOf(message as ContractMessage<OrderConfirmed>),
        ),
      ).toEqual([1, 2, 3]);
      here.comeBack();
      await first.stop();
    });
  });

  describe(`${name}: operating`, () => {
    let isFixed: boolean;
    const repairable = (): Consumer =>
      ordersReader(async (message) => {
        if (message.key === 'bad' && !isFixed) throw new Error(`no ${numberOf(message)}`);
        await note(message);
      });
    const park = async (...messages: Said[]): Promise<number[]> => {
      isFixed = false;
      subscribe(repairable());
      await world.produce(...messages);
      await caughtUp();
      return (await parked()).map(({ parkedId }) => parkedId);
    };

    it('replays a key in order, and lets it flow again', async () => {
      const [, second] = await park(confirmed('bad', 1), confirmed('bad', 2), confirmed('bad', 3));
      isFixed = true;
      // Whichever of them is named: an order is only an order as a whole.
      expect(await replay(second!)).toBe(3);
      expect([ofKey('bad'), await parked()]).toEqual([[1, 2, 3], []]);
      await world.produce(confirmed('bad', 4));
      await caughtUp();
      expect([ofKey('bad'), await parked()]).toEqual([[1, 2, 3, 4], []]);
    });

    it('replays where the key is read, whichever process is asked', async () => {
      const other = await world.open();
      const [first] = await park(confirmed('bad', 1), confirmed('bad', 2));
      await expect(replay(first!, other)).rejects.toThrow('no 1');
      isFixed = true;
      expect(await replay(first!, other)).toBe(2);
      expect([ofKey('bad'), await parked(other)]).toEqual([[1, 2], []]);
    });

    it('lets a key flow again that another process has emptied', async () => {
      const other = await world.open();
      const [first] = await park(confirmed('bad', 1));
      isFixed = true;
      await other.deadLetters.discard(first!);
      await world.produce(confirmed('bad', 2));
      await caughtUp();
      expect([seen, await parked()]).toEqual([['bad 2'], []]);
    });

    it('keeps a request that nobody can carry out yet', async () => {
      const reader = subscribe(ordersReader(async () => Promise.reject(new Error('no'))));
      await world.produce(confirmed('bad', 1));
      await until(async () => (await parked()).length === 1, { deadlineMs: PATIENCE_MS });
      await reader.stop();
      const [{ parkedId }] = (await parked()) as [Awaited<ReturnType<typeof parked>>[0]];
      expect(await here.deadLetters.requestReplay(parkedId, 0)).toEqual({
        outcome: 'pending',
        replayed: 0,
        waiting: 1,
      });
      expect(await here.deadLetters.get(parkedId)).toMatchObject({
        replayRequestedAt: expect.any(String),
      });
      subscribe(ordersReader());
      await until(async () => (await parked()).length === 0, { deadlineMs: PATIENCE_MS });
      expect(seen).toEqual(['bad 1']);
    });

    it('keeps everything parked when a replay fails, and says why', async () => {
      const [first] = await park(confirmed('bad', 1), confirmed('bad', 2));
      await expect(replay(first!)).rejects.toThrow('no 1');
      await world.produce(confirmed('bad', 3));
      await caughtUp();
      expect([seen, await parkedKeys()]).toEqual([[], ['bad held', 'bad held', 'bad held']]);
    });

    it('lets no message pass a replay that is under way, and leaves none behind', async () => {
      const { open, passed } = gate();
      isFixed = false;
      subscribe(
        ordersReader(async (message) => {
          if (message.key === 'bad' && !isFixed) throw new Error('no');
          if (message.key === 'bad') await passed;
          await note(message);
        }),
      );
      await world.produce(confirmed('bad', 1), confirmed('bad', 2));
      await caughtUp();
      const [first] = await parked();
      isFixed = true;
      const replayed = replay(first!.parkedId);
      await world.produce(confirmed('bad', 3), confirmed('bad', 4), confirmed('good', 5));
      await until(() => ofKey('good').length === 1);
      for (let more = 0; more < 5; more += 1) await here.work();
      open();
      expect(await replayed).toBe(2);
      await caughtUp();
      expect([ofKey('bad'), await parked()]).toEqual([[1, 2, 3, 4], []]);
    });

    it('does not replay what still breaks its contract', async () => {
      const [first] = await park(broken('a'));
      await expect(replay(first!)).rejects.toThrow(/confirmedAt is required/);
      expect(await parkedKeys()).toEqual(['a held']);
    });

    it('lets a key flow again when its last parked message is discarded', async () => {
      const [first, second] = await park(confirmed('bad', 1), confirmed('bad', 2));
      await here.deadLetters.discard(first!);
      await world.produce(confirmed('bad', 3));
      await caughtUp();
      expect(await parked()).toHaveLength(2);
      isFixed = true;
      const [, third] = await parked();
      await here.deadLetters.discard(second!);
      await here.deadLetters.discard(third!.parkedId);
      await world.produce(confirmed('bad', 4));
      await caughtUp();
      expect([seen, await parked()]).toEqual([['bad 4'], []]);
    });

    it('knows that a message is no longer parked', async () => {
      const [first] = await park(confirmed('bad', 1));
      await here.deadLetters.discard(first!);
      expect(await replay(first!)).toBe(0);
      await here.deadLetters.discard(first!);
    });
  });

  describe(`${name}: stopping and starting`, () => {
    it('goes on where it stopped', async () => {
      const first = subscribe(ordersReader());
      await world.produce(confirmed('a', 1), confirmed('b', 2));
      await caughtUp();
      await first.stop();
      await world.produce(confirmed('a', 3));
      const next = await world.open();
      subscribe(ordersReader(), next);
      await caughtUp(next);
      expect(seen.toSorted()).toEqual(['a 1', 'a 3', 'b 2']);
    });

    it('finishes what is under way and leaves the rest to the next process', async () => {
      const { open, passed } = gate();
      let begun = 0;
      const first = subscribe(
        ordersReader(async (message) => {
          begun += 1;
          await passed;
          await note(message);
        }),
      );
      await world.produce(confirmed('a', 1), confirmed('a', 2), confirmed('b', 3));
      await until(() => begun === 2, { deadlineMs: PATIENCE_MS });
      const stopped = first.stop();
      open();
      await stopped;
      const before = [...seen];
      expect(before.toSorted()).toEqual(['a 1', 'b 3']);
      const next = await world.open();
      subscribe(ordersReader(), next);
      await caughtUp(next);
      expect(new Set(seen)).toEqual(new Set(['a 1', 'a 2', 'b 3']));
      expect(seen.slice(before.length)).toContain('a 2');
    });

    it('stops while a message is tried again and again, which then comes to the next process', async () => {
      let tries = 0;
      const first = subscribe(
        ordersReader(async () => {
          tries += 1;
          throw new TransientError('away');
        }),
      );
      await world.produce(confirmed('a', 1));
      await until(() => tries > 2, { deadlineMs: PATIENCE_MS });
      await first.stop();
      const next = await world.open();
      subscribe(ordersReader(), next);
      await caughtUp(next);
      expect([seen, await parked(next)]).toEqual([['a 1'], []]);
    });

    it('may bring a message again after a crash, but skips none', async () => {
      await crashesAreNoticed();
      const numbers = Array.from({ length: 60 }, (_, number) => number);
      const { open, passed } = gate();
      // Number 20 is under way when the process dies; those behind it on other keys are done.
      subscribe(
        ordersReader(async (message) => {
          if (numberOf(message) === 20) await passed;
          await note(message);
        }),
      );
      await world.produce(
        ...numbers.slice(0, 40).map((number) => confirmed(`k${number % 5}`, number)),
      );
      await until(() => seen.length >= 32);
      here.freeze();
      await world.produce(
        ...numbers.slice(40).map((number) => confirmed(`k${number % 5}`, number)),
      );
      const dead = seen.length;
      const next = await world.open();
      subscribe(ordersReader(), next);
      await caughtUp(next);
      for (let key = 0; key < 5; key += 1) {
        const whole = numbers.filter((number) => number % 5 === key);
        const again = ofKey(`k${key}`).filter(
          (_, index, all) => all.indexOf(all[index]!) === index,
        );
        expect(again).toEqual(whole);
      }
      expect(seen.slice(dead)).toContain('k0 20');
      open();
      here.comeBack();
    });

    it('brings a message again that was not handled, also when others of its event were', async () => {
      const first = subscribe(
        ordersReader(async (message) => {
          if (message.key === 'b') throw new TransientError('away');
          await note(message);
        }),
      );
      await world.produce([confirmed('a', 1), confirmed('b', 2)], confirmed('c', 3));
      await until(() => seen.length === 2);
      await first.stop();
      const next = await world.open();
      subscribe(ordersReader(), next);
      await caughtUp(next);
      expect(seen.slice(2)).toContain('b 2');
      expect(new Set(seen)).toEqual(new Set(['a 1', 'b 2', 'c 3']));
    });
  });

  describe(`${name}: an outage`, () => {
    it('parks nothing, however many tries it takes', async () => {
      let tries = 0;
      subscribe(
        ordersReader(async (message) => {
          tries += 1;
          if (tries <= 7) throw new TransientError('away');
          await note(message);
        }),
      );
      await world.produce(confirmed('a', 1), confirmed('a', 2));
      await caughtUp();
      expect([tries, seen, await parked()]).toEqual([9, ['a 1', 'a 2'], []]);
    });

    it('of the database is waited for by those under way and those that come', async () => {
      const { open, passed } = gate();
      let isAway = false;
      let begun = 0;
      let failures = 0;
      subscribe(
        ordersReader(async (message) => {
          begun += 1;
          await passed;
          try {
            await here.work();
          } catch (error) {
            failures += 1;
            throw error;
          }
          expect(isAway).toBe(false);
          await note(message);
        }),
      );
      const keys = ['a', 'b', 'c'];
      await world.produce(
        ...keys.map((key) => confirmed(key, 1)),
        ...keys.map((key) => confirmed(key, 2)),
      );
      await until(() => begun === keys.length);
      here.leave();
      isAway = true;
      open();
      await world.produce(...keys.map((key) => confirmed(key, 3)));
      await until(() => failures > 20);
      isAway = false;
      here.comeBack();
      await until(() => seen.length === 9, { deadlineMs: 20_000 });
      await caughtUp();
      for (const key of keys) expect(ofKey(key)).toEqual([1, 2, 3]);
      expect(await parked()).toEqual([]);
    });

    it('while a message is parked delays the parking, not more', async () => {
      const observer = await world.open();
      const { open, passed } = gate();
      let tries = 0;
      subscribe(
        ordersReader(async (message) => {
          if (message.key !== 'bad') return note(message);
          await passed;
          here.leave();
          tries += 1;
          throw new Error('no');
        }),
      );
      await world.produce(confirmed('good', 0), confirmed('bad', 1), confirmed('bad', 2));
      await until(() => seen.length === 1);
      open();
      await until(() => tries === 5);
      await expect(here.work()).rejects.toBeInstanceOf(TransientError);
      expect(await parked(observer)).toEqual([]);
      here.comeBack();
      await until(async () => (await parked(observer)).length === 2);
      expect([tries, await parkedKeys()]).toEqual([5, ['bad held', 'bad held']]);
    });
  });
};
