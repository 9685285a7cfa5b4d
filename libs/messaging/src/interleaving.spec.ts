import { OrderConfirmed, type ContractMessage } from '@throughline/contracts';
import fc from 'fast-check';
import { interleavingBus } from './interleaving.js';
import { consumer, on, type Consumer, type MessageBus } from './message-bus.js';

const message = (key: string, number: number): ContractMessage<OrderConfirmed> => ({
  id: `${key} ${number}`,
  type: 'OrderConfirmed',
  topic: 'oms.order',
  source: 'test',
  key,
  time: '2026-01-01T00:00:00.000Z',
  data: { orderId: key, confirmedAt: '2026-01-01T00:00:00.000Z' },
  correlationId: 'c',
  causationId: 'c',
  stream: 's-1',
  streamRevision: 0,
});

/** Delivers to whoever subscribed, as a bus does: in order within a key, keys side by side. */
const handing = () => {
  let reader: Consumer | undefined;
  const bus: MessageBus = {
    subscribe: (subscribed) => {
      reader = subscribed;
      return { stop: async () => undefined };
    },
    isCaughtUp: async () => true,
    readers: async () => [],
    move: async () => [],
    stop: async () => undefined,
  };
  const hand = async (...messages: ContractMessage<OrderConfirmed>[]): Promise<void> => {
    const { handle } = reader!.handlers.get('OrderConfirmed')!;
    for (const one of messages) await handle(one as ContractMessage<never>);
  };
  return { bus, hand };
};

const deliveries = async (
  random: () => number,
  repeatedShare: number,
  ...keys: ContractMessage<OrderConfirmed>[][]
): Promise<string[]> => {
  const seen: string[] = [];
  const { bus, hand } = handing();
  const take = on(OrderConfirmed, async ({ id }) => void seen.push(id));
  interleavingBus(bus, random, repeatedShare).subscribe(
    consumer({ group: 'g', topic: 'oms.order', handlers: [take] }),
  );
  await Promise.all(keys.map((messages) => hand(...messages)));
  return seen;
};

describe('a bus that delivers as badly as it may', () => {
  it('keeps the order of a key, whatever it does between keys', () =>
    fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (stream) => {
          const random = (): number => stream.next().value as number;
          const numbers = [1, 2, 3, 4];
          const seen = await deliveries(
            random,
            0.3,
            numbers.map((number) => message('a', number)),
            numbers.map((number) => message('b', number)),
          );
          for (const key of ['a', 'b']) {
            const ofKey = seen.filter((id) => id.startsWith(key)).map((id) => Number(id.slice(2)));
            // The next one, or some that were there already; then all up to where it was.
            ofKey.forEach((number, at) => {
              const before = ofKey[at - 1] ?? 0;
              expect(number === before + 1 || number <= before).toBe(true);
            });
            expect([...new Set(ofKey)]).toEqual(numbers);
          }
        },
      ),
      { numRuns: 25 },
    ));

  it('lets keys overtake one another', async () => {
    // The first key is held back for 39 turns, the second for none.
    const numbers = [0.99, 0];
    const seen = await deliveries(
      () => numbers.shift() ?? 0.5,
      0,
      [message('a', 1)],
      [message('b', 1)],
    );
    expect(seen).toEqual(['b 1', 'a 1']);
  });

  it('delivers the share that it was told twice', async () => {
    const all = await deliveries(() => 0, 1, [message('a', 1), message('a', 2)]);
    expect(all).toEqual(['a 1', 'a 1', 'a 2', 'a 2']);
    expect(await deliveries(() => 0, 0, [message('a', 1)])).toEqual(['a 1']);
  });

  it('brings a few of a key again, as after a crash', async () => {
    const messages = [1, 2, 3, 4].map((number) => message('a', number));
    const numbers = [0, 0.9, 0, 0.9, 0, 0.9, 0, 0, 0.99];
    const seen = await deliveries(() => numbers.shift() ?? 0, 0.5, messages);
    expect(seen).toEqual(['a 1', 'a 2', 'a 3', 'a 4', 'a 2', 'a 3', 'a 4']);
  });
});
