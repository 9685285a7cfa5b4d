import { fold } from '@throughline/kernel';
import {
  approved,
  authorized,
  held,
  parcel,
  placed,
  progressed,
  sourced,
} from '../domain/order.fixtures.js';
import { cancellationRequested, linesCancelled } from '../domain/order-cancellation.fixtures.js';
import type { OrderEvent } from '../domain/order.js';
import { evolveProgress, notPlaced } from '../domain/order-progress.js';
import { packed, unpacked } from './progress-document.js';

const LINES = [
  ['1', 5],
  ['2', 3],
  ['3', 1],
] as const;

const parcelLost = (): OrderEvent => {
  const { shipmentId, status, at, ...content } = parcel('s1', 'lost', [['1', 2]]).data;
  return { type: 'ParcelProgressed', data: { shipmentId, status, at, content } };
};

const HISTORY: readonly OrderEvent[] = [
  placed(LINES),
  held(),
  authorized,
  approved(...LINES),
  sourced(1, { f1: [['1', 3]], f2: [['2', 3]] }, [['1', 2]]),
  progressed(
    'f1',
    'handed-over',
    { '1': { picked: 3, packed: 3, handedOver: 2, shorted: 1 } },
    { collected: [{ lineId: '1', quantity: 1 }] },
  ),
  { type: 'OrderConfirmed', data: {} },
  {
    type: 'PromisesMoved',
    data: { lines: [{ lineId: '1', quantity: 2, promisedOn: '2026-12-01T00:00:00.000Z' }] },
  },
  parcelLost(),
  {
    type: 'ReshipmentRequested',
    data: {
      requestId: 'request-1',
      shipmentId: 's1',
      reason: 'wanted',
      lines: [{ lineId: '1', sku: 'SKU-1', quantity: 2 }],
    },
  },
  {
    type: 'PaymentRefunded',
    data: { currency: 'GBP', amountMinor: 100, reason: 'return', referenceId: 'r1' },
  },
  cancellationRequested([['3', 1]], true),
  linesCancelled(['3', 1]),
  {
    type: 'ReturnProgressed',
    data: {
      returnId: 'r1',
      kind: 'customer',
      step: 'received',
      at: '2026-11-09T12:00:00.000Z',
      lines: [{ lineId: '1', quantity: 1 }],
    },
  },
];

describe('the stored progress of an order', () => {
  it('comes back as it was, at every step of the order', () => {
    let progress = notPlaced;
    for (const event of HISTORY) {
      progress = evolveProgress(progress, event);
      expect(unpacked(JSON.parse(JSON.stringify(packed(progress))))).toEqual(progress);
    }
  });

  it('stays small', () => {
    const fresh = fold({ evolve: evolveProgress }, notPlaced, [placed(LINES)]);
    expect(JSON.stringify(packed(fresh))).toBe(
      '{"lines":[["1","SKU-1",5],["2","SKU-2",3],["3","SKU-3",1]],"fulfillments":[],"parcels":[],' +
        '"attempt":0,"holds":[],"troubles":[],"approved":false,"confirmed":false,' +
        '"refundedMinor":0,"acceptedAt":"2026-11-01T10:00:00.000Z"}',
    );
  });
});
