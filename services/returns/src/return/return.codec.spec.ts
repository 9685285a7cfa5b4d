import { readdirSync, readFileSync } from 'node:fs';
import type { ReturnEvent } from './domain/return.js';
import { orderReturns } from './domain/return.decider.js';
import { returnCodec } from './return.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);

const golden = (type: string, version: number) => ({
  type,
  version,
  data: JSON.parse(readFileSync(new URL(`${type}.${version}.json`, GOLDEN), 'utf8')),
  stream: 'return-o1',
});

const LIFE: readonly ReturnEvent['type'][] = [
  'GoodsDelivered',
  'ReturnRequested',
  'ReturnApproved',
  'ReturnReceived',
  'ReturnInspected',
  'ReturnToOriginOpened',
  'ReturnToOriginCovered',
  'ParcelWrittenOff',
];

describe('stored return events', () => {
  it('have a golden file for each type and version', () =>
    expect(readdirSync(GOLDEN).sort()).toEqual(
      Object.entries(returnCodec.types)
        .flatMap(([type, { version }]) =>
          Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
        )
        .sort(),
    ));

  it.each(Object.entries(returnCodec.types))(
    'decode and encode %s unchanged',
    (type, { version }) => {
      const stored = golden(type, version);
      const { data } = stored;
      expect(returnCodec.encode(returnCodec.decode(stored))).toEqual({ type, version, data });
    },
  );

  it('fold into the returns of their order', () => {
    const folded = LIFE.map((type) => returnCodec.decode(golden(type, 1))).reduce(
      orderReturns.evolve,
      orderReturns.initialState,
    );
    expect(folded).toEqual({
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
    const folded = (['GoodsDelivered', 'ReturnRequested', 'ReturnClaimVoided'] as const)
      .map((type) => returnCodec.decode(golden(type, 1)))
      .reduce(orderReturns.evolve, orderReturns.initialState);
    expect(folded.delivered.get('1')).toEqual({ sku: '85123A', quantity: 3, claimed: 1 });
    expect(folded.returns.get('o1.1')?.lines.get('1')?.claimed).toBe(1);
  });
});
