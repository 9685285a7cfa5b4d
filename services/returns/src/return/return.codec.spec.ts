import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { orderReturns } from './domain/return.decider.js';
import { returnCodec } from './return.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, returnCodec);
const folded = (...names: Parameters<typeof story>) =>
  fold(orderReturns, orderReturns.initialState, story(...names));

describe('stored return events', () => {
  goldenSuite(GOLDEN, returnCodec);

  it('fold into the returns of their order', () => {
    const life = folded(
      'GoodsDelivered',
      'ReturnRequested',
      'ReturnApproved',
      'ReturnReceived',
      'ReturnInspected',
      'ReturnToOriginOpened',
      'ReturnToOriginCovered',
      'ParcelWrittenOff',
    );
    expect(life).toEqual({
      delivered: new Map([['1', { sku: '85123A', quantity: 3, claimed: 2 }]]),
      deliveries: new Map([['s1', [{ lineId: '1', sku: '85123A', quantity: 3 }]]]),
      writtenOff: new Map([['s3', [{ lineId: '1', sku: '85123A', quantity: 1 }]]]),
      origins: new Set(['s2', 's1']),
      returns: new Map([
        [
          'o1.1',
          {
            kind: 'customer',
            shipmentId: null,
            isApproved: true,
            lines: new Map([['1', { sku: '85123A', claimed: 2, received: 2 }]]),
            waiting: new Map([['W1', new Map([['1', 1]])]]),
          },
        ],
        [
          'o1.2',
          {
            kind: 'return-to-origin',
            shipmentId: 's2',
            isApproved: true,
            lines: new Map([['2', { sku: '71053', claimed: 1, received: 0 }]]),
            waiting: new Map(),
          },
        ],
      ]),
    });
  });

  it('fold into a claim of which a part is void', () => {
    const voided = folded('GoodsDelivered', 'ReturnRequested', 'ReturnClaimVoided');
    expect(voided.delivered.get('1')).toEqual({ sku: '85123A', quantity: 3, claimed: 1 });
    expect(voided.returns.get('o1.1')?.lines.get('1')?.claimed).toBe(1);
  });
});
