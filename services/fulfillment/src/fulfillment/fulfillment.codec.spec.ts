import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { fulfillment } from './domain/fulfillment.decider.js';
import { fulfillmentCodec } from './fulfillment.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, fulfillmentCodec);

describe('stored fulfillment events', () => {
  goldenSuite(GOLDEN, fulfillmentCodec);

  it('fold, as one story, into where the work stands', () => {
    const events = story(
      'FulfillmentReleased',
      'WorkAccepted',
      'ItemsPicked',
      'ItemsShorted',
      'PackageClosed',
      'PackageLabelled',
      'GoodsHandedOver',
      'LinesRecalled',
      'WorkRejected',
    );
    const { lines, packages, accepted, rejected } = fold(
      fulfillment,
      fulfillment.initialState,
      events,
    );
    expect([...lines.values()]).toEqual([
      {
        lineId: '1',
        sku: '85123A',
        released: 6,
        picked: 3,
        packed: 3,
        handedOver: 3,
        shorted: 1,
        cancelled: 2,
      },
      {
        lineId: '2',
        sku: '71053',
        released: 2,
        picked: 0,
        packed: 0,
        handedOver: 0,
        shorted: 2,
        cancelled: 0,
      },
    ]);
    expect([...packages]).toEqual([
      [
        'box-1',
        {
          lines: [{ lineId: '1', sku: '85123A', quantity: 3 }],
          shipmentId: '5f0e7c1a-2b64-5a5c-8d11-6f3f0a9b7c55',
          state: 'handed-over',
        },
      ],
    ]);
    expect({ accepted, rejected }).toEqual({ accepted: true, rejected: true });
  });
});
