import { OrderConfirmed, OrderLinesCancelled, PaymentAuthorized } from '@throughline/contracts';
import { codecOf, commandHandler } from '@throughline/event-store';
import { accept, type Decider, type Message } from '@throughline/kernel';
import { causeOf, consumer, on, publish, publisher } from '@throughline/messaging';
import { defineService, type Runtime } from '@throughline/service-kit';
import { startService, type ServiceHarness } from './service-harness.js';

type Covered = Message<'Covered', { readonly orderId: string }>;
type Cover = Message<'Cover', { readonly orderId: string }>;
const decider: Decider<Cover, Covered, number, never> = {
  initialState: 0,
  decide: ({ data }) => accept({ type: 'Covered', data }),
  evolve: (count) => count + 1,
};
const codec = codecOf<Covered>({ Covered: { version: 1 } });

/** Covers every order that is confirmed; rows tell how often. */
const build = ({ store, now }: Runtime) => {
  const handle = commandHandler({ store, category: 'cover', decider, codec, now });
  return {
    module: { module: class CoverModule {} },
    consumers: [
      consumer({
        group: 'cover.oms.order',
        topic: 'oms.order',
        handlers: [
          on(OrderConfirmed, async (message) => {
            if (message.key === 'bad') throw new Error('cannot');
            const { orderId } = message.data;
            await handle(orderId, { type: 'Cover', data: { orderId } }, causeOf(message));
          }),
        ],
      }),
    ],
    projections: [
      {
        name: 'covers',
        version: 1,
        categories: ['cover'],
        tables: {},
        apply: async (
          tx: { query(sql: string, values?: unknown[]): Promise<unknown> },
          events: readonly { readonly position: bigint }[],
        ) => {
          await tx.query('create table if not exists covers (position bigint)');
          await tx.query('insert into covers select unnest($1::bigint[])', [
            events.map(({ position }) => position.toString()),
          ]);
        },
      },
    ],
  };
};
const covering = defineService({
  name: 'cover',
  schema: 'cover',
  paths: [],
  publishers: [
    publisher<Covered>({
      service: 'cover',
      topic: 'oms.payment',
      category: 'cover',
      codec,
      map: ({ data: { orderId } }) => [
        publish(PaymentAuthorized, orderId, { orderId, currency: 'GBP', coveredMinor: 1 }),
      ],
    }),
  ],
  build,
});

const AT = '2026-01-01T00:00:00.000Z';
let service: ServiceHarness;
beforeEach(async () => {
  service = await startService(covering, { now: () => AT });
});
afterEach(() => service.stop());
const data = (orderId: string) => ({ orderId, confirmedAt: AT });

describe('a service alone', () => {
  it('handles what is delivered, and shows what it publishes and keeps', async () => {
    expect(await service.published('oms.payment')).toEqual([]);
    const sent = await service.deliver(OrderConfirmed, 'o1', data('o1'));
    expect(sent).toMatchObject({ type: 'OrderConfirmed', topic: 'oms.order', key: 'o1', time: AT });
    const published = await service.published('oms.payment');
    expect(published.map(({ type, key, causationId }) => ({ type, key, causationId }))).toEqual([
      { type: 'PaymentAuthorized', key: 'o1', causationId: sent.id },
    ]);
    await service.caughtUp();
    expect(await service.runtime.database.query('select position from covers')).toHaveLength(1);
  });

  it('gets a message again when its id is given', async () => {
    const { id } = await service.deliver(OrderConfirmed, 'o1', data('o1'));
    await service.deliver(OrderConfirmed, 'o1', data('o1'), { id });
    expect(await service.published('oms.payment')).toHaveLength(1);
    await service.deliver(OrderConfirmed, 'o1', data('o1'));
    expect(await service.published('oms.payment')).toHaveLength(2);
  });

  it('passes on what its handler throws', () =>
    expect(service.deliver(OrderConfirmed, 'bad', data('bad'))).rejects.toThrow('cannot'));

  it('is given neither data that break their contract nor what it does not consume', async () => {
    await expect(
      service.deliver(OrderConfirmed, 'o1', { ...data('o1'), confirmedAt: 'noon' }),
    ).rejects.toThrow(/Not a OrderConfirmed.*confirmedAt/);
    const lines = [{ lineId: '1', sku: 'a', quantity: 1 }];
    await expect(
      service.deliver(OrderLinesCancelled, 'o1', { orderId: 'o1', lines }),
    ).rejects.toThrow('cover does not consume OrderLinesCancelled');
  });

  it('answers over HTTP, with a key of its own', async () => {
    expect((await service.http('GET', '/v1/cover/dead-letters')).body).toEqual({
      items: [],
      nextCursor: null,
    });
    const headers = { authorization: '' };
    expect((await service.http('GET', '/v1/cover/dead-letters', undefined, headers)).status).toBe(
      401,
    );
  });
});
