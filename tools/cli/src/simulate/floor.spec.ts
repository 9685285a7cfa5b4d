import fc from 'fast-check';
import { floorWork, type Fulfillment } from './floor.js';
import { smooth } from './plan.fixtures.js';
import type { Plan } from './play.js';

const AT = '2026-11-01T10:00:00.000Z';
const untouched = { picked: 0, packed: 0, shorted: 0, cancelled: 0 };
const line = (lineId: string, quantity: number, more: object = {}) => ({
  lineId,
  sku: lineId,
  quantity,
  ...untouched,
  ...more,
});
const released = (...lines: Fulfillment['lines']): Fulfillment => ({
  fulfillmentId: 'f-1',
  status: 'released',
  method: 'ship',
  releasedAt: AT,
  lines,
});

type Body = Record<string, unknown> & {
  lines: { lineId: string; quantity: number }[];
  scanId: string;
  packageId: string;
};
const bodyOf = (fulfillment: Fulfillment, act: string, plan: Plan = smooth): Body | undefined =>
  floorWork(fulfillment, plan).steps.find((step) => step.act === act)?.body as Body | undefined;
const actsOf = (fulfillment: Fulfillment, plan: Plan = smooth): string[] =>
  floorWork(fulfillment, plan).steps.map(({ act }) => act);

describe('the floor', () => {
  it('picks everything and packs it', () => {
    const work = floorWork(released(line('a', 2), line('b', 1)), smooth);
    const lines = [
      { lineId: 'a', quantity: 2 },
      { lineId: 'b', quantity: 1 },
    ];
    expect(work).toEqual({
      dueAt: 0,
      steps: [
        {
          act: 'picked',
          path: '/v1/fulfillments/f-1/picks',
          body: { scanId: expect.any(String), lines },
        },
        {
          act: 'packed',
          path: '/v1/fulfillments/f-1/packs',
          body: { packageId: expect.any(String), weightGrams: 510, lines },
        },
      ],
    });
  });

  it('goes on where it was interrupted, with the same package', () => {
    const start = released(line('a', 2));
    const picked = { ...released(line('a', 2, { picked: 2 })), status: 'picked' };
    expect(actsOf(picked)).toEqual(['packed']);
    expect(bodyOf(picked, 'packed')).toEqual(bodyOf(start, 'packed'));
  });

  it('names a scan anew when something changed, and alike when nothing did', () => {
    const scan = (more: object): string => bodyOf(released(line('a', 3, more)), 'picked')!.scanId;
    expect(scan({})).toBe(scan({}));
    expect(scan({ cancelled: 1 })).not.toBe(scan({}));
  });

  it('leaves alone what was recalled, and packs again what a recall opened', () => {
    const recalled = released(line('a', 3, { picked: 2, packed: 0, cancelled: 1 }));
    expect(actsOf(recalled)).toEqual(['packed']);
    expect(bodyOf(recalled, 'packed')!.packageId).not.toBe(
      bodyOf(released(line('a', 3, { picked: 2 })), 'packed')!.packageId,
    );
    expect(actsOf(released(line('a', 3, { cancelled: 3 })))).toEqual([]);
  });

  it('says what is missing, and packs nothing when nothing is there', () => {
    const plan = { ...smooth, shortRate: 1 };
    const one = released(line('a', 1));
    expect(actsOf(one, plan)).toEqual(['shorted']);
    expect(bodyOf(one, 'shorted', plan)).toEqual({
      scanId: expect.any(String),
      reason: 'not-found',
      lines: [{ lineId: 'a', quantity: 1 }],
    });
  });

  it('picks or shorts every open unit, and never more', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(50), fc.nat(50), fc.nat(50))),
        fc.string(),
        (numbers, seed) => {
          const lines = numbers.map(([quantity, a, b, c], index) => {
            const picked = Math.min(a, quantity);
            const shorted = Math.min(b, quantity - picked);
            const cancelled = Math.min(c, quantity - picked - shorted);
            return line(`l-${index}`, quantity, { picked, shorted, cancelled });
          });
          const plan = { ...smooth, seed, shortRate: 0.5 };
          const units = (act: string, lineId: string): number =>
            bodyOf(released(...lines), act, plan)?.lines.find((part) => part.lineId === lineId)
              ?.quantity ?? 0;
          for (const { lineId, quantity, picked, shorted, cancelled } of lines) {
            const open = quantity - picked - shorted - cancelled;
            expect(units('picked', lineId) + units('shorted', lineId)).toBe(open);
            expect(units('packed', lineId)).toBe(picked + units('picked', lineId));
          }
        },
      ),
    ));

  it.each([
    ['ship', 'carrier'],
    ['pickup', 'customer'],
  ])('hands over what is ready (%s) to the %s', (method, receiver) => {
    const ready = { ...released(line('a', 1, { picked: 1, packed: 1 })), status: 'ready', method };
    expect(floorWork(ready, smooth).steps).toEqual([
      {
        act: 'handed-over',
        path: '/v1/fulfillments/f-1/hand-over',
        body: { handOverId: expect.any(String), receiver },
      },
    ]);
  });

  it('takes its time at an ordinary speed, and the same time always', () => {
    const due = (speed: number): number =>
      floorWork(released(line('a', 1)), { ...smooth, speed }).dueAt - Date.parse(AT);
    expect(due(1)).toBeGreaterThanOrEqual(10 * 60_000);
    expect(due(1)).toBeLessThanOrEqual(180 * 60_000);
    expect(due(1)).toBe(due(1));
    expect(due(60)).toBeCloseTo(due(1) / 60);
  });
});
