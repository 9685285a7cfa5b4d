import { readdirSync, readFileSync } from 'node:fs';
import { fold } from '@throughline/kernel';
import { fulfillment } from './domain/fulfillment.decider.js';
import type { FulfillmentEvent } from './domain/fulfillment.js';
import { fulfillmentCodec } from './fulfillment.codec.js';

const GOLDEN = new URL('./golden/', import.meta.url);

const decoded = (file: string): FulfillmentEvent => {
  const [type = '', version] = file.split('.');
  const data: unknown = JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8'));
  return fulfillmentCodec.decode({ stream: 'fulfillment-1', type, version: Number(version), data });
};

describe('stored fulfillment events', () => {
  it('have a golden file for every type and version', () => {
    const expected = Object.entries(fulfillmentCodec.types).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
    );
    expect(readdirSync(GOLDEN).sort()).toEqual(expected.sort());
  });

  it('are written as they were read', () => {
    for (const file of readdirSync(GOLDEN)) {
      const event = decoded(file);
      const { type, version } = fulfillmentCodec.encode(event);
      expect({ file, data: fulfillmentCodec.encode(event).data }).toEqual({
        file: `${type}.${version}.json`,
        data: event.data,
      });
    }
  });

  it('fold, as one story, into where the work stands', () => {
    const story = [
      'FulfillmentReleased.1.json',
      'WorkAccepted.1.json',
      'ItemsPicked.1.json',
      'ItemsShorted.1.json',
      'PackageClosed.1.json',
      'PackageLabelled.1.json',
      'GoodsHandedOver.1.json',
      'LinesRecalled.1.json',
      'WorkRejected.1.json',
    ].map(decoded);
    const { lines, packages, accepted, rejected } = fold(
      fulfillment,
      fulfillment.initialState,
      story,
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

  it('of an unknown type are a fault', () =>
    expect(() =>
      fulfillmentCodec.decode({ stream: 'fulfillment-1', type: 'Unheard', version: 1, data: {} }),
    ).toThrow('Unknown event type Unheard'));
});
