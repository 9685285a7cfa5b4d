import type { RecordedEvent } from '@throughline/event-store';
import type { PaymentEvent } from './domain/payment.js';
import {
  agreement,
  authorized,
  captured,
  means,
  refunded,
  returned,
  units,
  voided,
} from './domain/payment.fixtures.js';
import { moneyAddsUp } from './checks.js';
import { paymentCodec } from './payment.codec.js';

const AGREED = agreement([means('card', 'authorized', 1_000)]);

const recorded = (events: readonly PaymentEvent[]): RecordedEvent[] =>
  events.map((event, revision) => ({
    ...paymentCodec.encode(event),
    id: `${revision}`,
    stream: 'payment-1',
    revision,
    position: BigInt(revision),
    metadata: { at: '2026-11-01T10:00:00.000Z', causationId: 'c', correlationId: 'c' },
  }));
const check = (...events: PaymentEvent[]) => moneyAddsUp.check(recorded(events));
const capture = captured('f', [units('a', 3)], 1_000, { fromAuthorizationMinor: 1_000 });

describe('I4, checked per stream', () => {
  it('holds for money that was taken and given back', () => {
    const back = [returned('r', units('a', 1)), refunded(333, 'return', 'r')];
    expect(check(authorized(AGREED), capture, ...back)).toEqual([]);
    expect(check()).toEqual([]);
  });

  it.each([
    ['more was given back than received', [capture, refunded(1_001, 'manual', 'm')]],
    ['more than authorized', [capture, voided('v', 1)]],
  ])('finds that %s', (words, events) => {
    expect(check(authorized(AGREED), ...events)).toEqual(
      expect.arrayContaining([expect.stringContaining(words)]),
    );
  });

  it('finds lines that are not worth the total', () => {
    expect(check(authorized({ ...AGREED, totalMinor: 999 }))).toEqual([
      expect.stringContaining('the shares of the lines are not the total'),
    ]);
  });
});
