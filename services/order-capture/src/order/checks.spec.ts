import type { RecordedEvent } from '@throughline/event-store';
import { unitsAddUp } from './checks.js';
import { placed, progressed } from './domain/order.fixtures.js';
import type { OrderEvent } from './domain/order.js';
import { orderCodec } from './order.codec.js';

const recorded = (events: readonly OrderEvent[]): RecordedEvent[] =>
  events.map((event, revision) => ({
    ...orderCodec.encode(event),
    id: `${revision}`,
    stream: 'order-1',
    revision,
    position: BigInt(revision),
    metadata: { at: '2026-11-01T10:00:00.000Z', causationId: 'c', correlationId: 'c' },
  }));

describe('I1, checked per stream', () => {
  it('holds for an order on its way', () => {
    const shipped = progressed('f1', 'packed', { '1': { released: 5, packed: 4, handedOver: 2 } });
    expect(unitsAddUp.check(recorded([placed([['1', 5]]), shipped]))).toEqual([]);
  });

  it('finds units that left although nobody ordered them', () => {
    const twice = ['f1', 'f2'].map((fulfillmentId) =>
      progressed(fulfillmentId, 'handed-over', { '1': { released: 3, handedOver: 3 } }),
    );
    expect(unitsAddUp.check(recorded([placed([['1', 5]]), ...twice]))).toEqual([
      'line 1: 5 ordered, 6 handed over',
    ]);
  });
});
