import { OrderConfirmed, OrderLinesCancelled, PaymentAuthorized } from '@throughline/contracts';
import { codecOf, type RecordedEvent } from '@throughline/event-store';
import { derivedId, type Message } from '@throughline/kernel';
import { causeByAsker, causeOf, consumer, on, publish, publisher } from './message-bus.js';

type Settled = Message<'Settled', { readonly orderId: string; readonly units: number }>;
const codec = codecOf<Settled>({ Settled: { version: 1 } });
const recorded = (units: number, traceparent?: string): RecordedEvent => ({
  id: '9ac70171-d803-5b91-b4db-420d41a35144',
  type: 'Settled',
  version: 1,
  data: { orderId: 'o1', units },
  metadata: {
    at: '2026-01-01T00:00:00.000Z',
    causationId: 'cause',
    correlationId: 'story',
    actor: 'ann',
    ...(traceparent && { traceparent }),
  },
  stream: 'order-o1',
  revision: 4,
  position: 17n,
});

const lines = (units: number) => [{ lineId: '1', sku: 'a', quantity: units }];
const settling = publisher<Settled>({
  service: 'order-capture',
  topic: 'oms.order',
  category: 'order',
  codec,
  map: ({ data: { orderId, units } }, { metadata }) =>
    units === 0
      ? []
      : [
          publish(OrderLinesCancelled, orderId, { orderId, lines: lines(units) }),
          publish(OrderConfirmed, orderId, { orderId, confirmedAt: metadata.at }),
        ],
});

describe('a publisher', () => {
  it('makes messages of an event, with ids that are the same each time', () => {
    const messages = settling.map(recorded(2));
    expect(messages).toEqual(settling.map(recorded(2)));
    expect(messages).toEqual([
      {
        id: '9ac70171-d803-5b91-b4db-420d41a35144',
        type: 'OrderLinesCancelled',
        topic: 'oms.order',
        source: 'order-capture',
        key: 'o1',
        time: '2026-01-01T00:00:00.000Z',
        data: { orderId: 'o1', lines: [{ lineId: '1', sku: 'a', quantity: 2 }] },
        correlationId: 'story',
        causationId: 'cause',
        stream: 'order-o1',
        streamRevision: 4,
      },
      expect.objectContaining({
        id: derivedId('9ac70171-d803-5b91-b4db-420d41a35144', 1),
        type: 'OrderConfirmed',
      }),
    ]);
  });

  it('passes the trace on, where there is one', () =>
    expect(settling.map(recorded(1, '00-trace')).map(({ traceparent }) => traceparent)).toEqual([
      '00-trace',
      '00-trace',
    ]));

  it('may keep an event to itself', () => expect(settling.map(recorded(0))).toEqual([]));

  it('does not publish on a topic that is not the message’s own', () => {
    const wrong = publisher<Settled>({
      service: 'order-capture',
      topic: 'oms.payment',
      category: 'order',
      codec,
      map: ({ data: { orderId } }) => [
        publish(OrderConfirmed, orderId, { orderId, confirmedAt: '2026-01-01T00:00:00.000Z' }),
      ],
    });
    expect(() => wrong.map(recorded(1))).toThrow('OrderConfirmed is not a message of oms.payment');
  });

  it('throws on an event of its own stream that it cannot read', () =>
    expect(() => settling.map({ ...recorded(1), version: 9 })).toThrow(/newer release/));

  it('is not made for a category that streams could not be told by', () =>
    expect(() =>
      publisher<Settled>({
        service: 'order-capture',
        topic: 'oms.order',
        category: 'sales-order',
        codec,
        map: () => [],
      }),
    ).toThrow(/sales-order/));
});

describe('a consumer', () => {
  const handle = async (): Promise<void> => undefined;

  it('knows its handlers by type, and what kind of topic it reads', () => {
    const orders = consumer({
      group: 'routing.oms.order',
      topic: 'oms.order',
      handlers: [on(OrderConfirmed, handle), on(OrderLinesCancelled, handle)],
    });
    expect([...orders.handlers.keys()]).toEqual(['OrderConfirmed', 'OrderLinesCancelled']);
    expect([orders.stateTopic, orders.concurrentMax]).toEqual([false, 256]);
    const states = consumer({ group: 'g', topic: 'oms.catalog', handlers: [], concurrentMax: 1 });
    expect([states.stateTopic, states.concurrentMax]).toEqual([true, 1]);
  });

  it('takes no message of another topic', () =>
    expect(() =>
      consumer({ group: 'g', topic: 'oms.order', handlers: [on(PaymentAuthorized, handle)] }),
    ).toThrow('PaymentAuthorized is not a message of oms.order'));
});

describe('the cause that a message is', () => {
  it('is its id, its story and its trace', () => {
    const [plain] = settling.map(recorded(1));
    const [traced] = settling.map(recorded(1, '00-trace'));
    expect(causeOf(plain!)).toEqual({ id: plain!.id, correlationId: 'story' });
    expect(causeOf(traced!)).toEqual({
      id: plain!.id,
      correlationId: 'story',
      traceparent: '00-trace',
    });
  });

  it('is in the name of who asked where that is wanted, by id alone', () => {
    const { metadata, ...event } = recorded(1);
    const [told] = settling.map({ ...event, metadata: { ...metadata, actorId: 'key-1' } });
    expect(JSON.stringify(told)).not.toContain('ann');
    expect(causeOf(told!)).not.toHaveProperty('actorId');
    expect(causeByAsker(told!)).toEqual({ ...causeOf(told!), actorId: 'key-1' });
    const [untold] = settling.map(recorded(1));
    expect(causeByAsker(untold!)).toEqual(causeOf(untold!));
  });
});
