import fc from 'fast-check';
import { DAY_MS, type Inbound, type Shelf } from './goods.js';
import { datesInTurn, type Place, type Supplies } from './turns.js';

const NOW = Date.UTC(2026, 10, 1, 10);
const day = (days: number): number => NOW + days * DAY_MS;

const place = (units: number, more: Partial<Place> = {}): Place => ({
  sku: 'A',
  parts: [{ sku: 'A', perKit: 1 }],
  units,
  onlyLocationId: null,
  declined: [],
  promisedOn: null,
  uncoveredSince: null,
  ...more,
});
const kit = (units: number, more: Partial<Place> = {}): Place =>
  place(units, {
    sku: 'K',
    parts: [
      { sku: 'A', perKit: 2 },
      { sku: 'B', perKit: 1 },
    ],
    ...more,
  });
const shelf = (onHand: number, more: Partial<Shelf> = {}): Shelf => ({
  sku: 'A',
  locationId: 'L1',
  onHand,
  reserved: 0,
  safetyStock: 0,
  uncounted: false,
  leadTimeDays: null,
  ...more,
});
const lot = (units: number, days: number | null, more: Partial<Inbound> = {}): Inbound => ({
  sku: 'A',
  locationId: 'L1',
  eta: days === null ? null : day(days),
  units,
  ...more,
});
const L2 = { locationId: 'L2' };
const B = { sku: 'B' };

const dates = (
  places: readonly Place[],
  { leads = {}, ...more }: Partial<Supplies> & { readonly leads?: Record<string, number> },
  now = NOW,
) =>
  datesInTurn(
    places,
    { shelves: [], inbound: [], ...more, leadTimeDays: new Map(Object.entries(leads)) },
    now,
  );
const promised = (...args: Parameters<typeof dates>): (number | null)[] =>
  dates(...args).map(({ promisedOn }) => promisedOn);

describe('those who wait are promised', () => {
  it('what comes, in turn', () => {
    const inbound = [lot(3, 9), lot(4, 5, L2)];
    const queue = [place(2), place(3), place(2), place(1)];
    expect(promised(queue, { inbound })).toEqual([day(5), day(9), day(9), null]);
  });

  it('nothing that is to fill up what is kept back, or that nobody knows the time of', () => {
    const shelves = [shelf(1, { safetyStock: 4 })];
    const inbound = [lot(2, 2), lot(2, 4), lot(9, null)];
    expect(promised([place(1), place(1)], { shelves, inbound })).toEqual([day(4), null]);
  });

  it('what comes to where they may have it from', () => {
    const inbound = [lot(2, 3), lot(2, 6, L2)];
    const queue = [place(1, { onlyLocationId: 'L2' }), place(1, { declined: ['L1'] }), place(1)];
    expect(promised(queue, { inbound })).toEqual([day(6), day(6), day(3)]);
    const none = [place(1, { onlyLocationId: 'L1', declined: ['L1'] })];
    expect(promised(none, { inbound })).toEqual([null]);
  });

  it('what is overdue for the end of the next day, however often that is told within a day', () => {
    const inbound = [lot(2, -3)];
    const end = Date.UTC(2026, 10, 3);
    expect(promised([place(1)], { inbound })).toEqual([end]);
    expect(promised([place(1)], { inbound }, NOW + 13 * 3_600_000)).toEqual([end]);
    expect(promised([place(1)], { inbound }, NOW + DAY_MS)).toEqual([end + DAY_MS]);
  });

  it('what was promised before, or now, where it lies there already', () => {
    const queue = [place(1, { promisedOn: day(-2) }), place(1), place(2)];
    const supplies = { shelves: [shelf(3)], inbound: [lot(1, 4)] };
    expect(promised(queue, supplies)).toEqual([day(-2), NOW, day(4)]);
  });
});

describe('what no supply covers', () => {
  it('comes by lead time, counted from when that began', () => {
    const supplies = { inbound: [lot(1, 2)], leads: { A: 10 } };
    const queue = [place(3), place(1, { uncoveredSince: day(-4) })];
    expect(dates(queue, supplies)).toEqual([
      { promisedOn: day(10), uncoveredSince: NOW },
      { promisedOn: day(6), uncoveredSince: day(-4) },
    ]);
    const later = dates(queue, supplies).map((dated, index) => ({ ...queue[index]!, ...dated }));
    expect(promised(later, supplies, day(1))).toEqual([day(10), day(6)]);
  });

  it('begins to count anew once a supply has covered it', () => {
    const [covered] = dates([place(1, { uncoveredSince: day(-4) })], { inbound: [lot(1, 2)] });
    expect(covered).toEqual({ promisedOn: day(2), uncoveredSince: null });
  });

  it('comes no sooner than the part that a supply covers', () => {
    expect(promised([place(2)], { inbound: [lot(1, 30)], leads: { A: 5 } })).toEqual([day(30)]);
  });

  it('comes from a location that nobody counts, where that is sooner', () => {
    const endless = shelf(0, { ...L2, uncounted: true, leadTimeDays: 3 });
    const supplies = { shelves: [endless], leads: { A: 10 } };
    expect(promised([place(1), place(1, { declined: ['L2'] })], supplies)).toEqual([
      day(3),
      day(10),
    ]);
  });
});

describe('kits', () => {
  it('are promised for when the last part is there, at one location', () => {
    const inbound = [lot(2, 3), lot(1, 5, B), lot(9, 1, { ...B, ...L2 }), lot(2, 8, L2)];
    expect(promised([kit(1), kit(1), kit(1)], { inbound })).toEqual([day(5), day(8), null]);
  });

  it('and their parts are waited for in one queue', () => {
    const supplies = { inbound: [lot(3, 3), lot(2, 7), lot(5, 1, B)] };
    expect(promised([kit(1), place(2), place(1)], supplies)).toEqual([day(3), day(7), day(7)]);
    expect(promised([place(2), kit(1), place(1)], supplies)).toEqual([day(3), day(7), day(7)]);
  });

  it('come by the lead time of the parts that are missing, or by their own', () => {
    const apart = { inbound: [lot(9, 3), lot(1, 20, { ...B, ...L2 })] };
    expect(promised([kit(1)], apart)).toEqual([null]);
    expect(promised([kit(1)], { ...apart, leads: { B: 4 } })).toEqual([day(4)]);
    expect(promised([kit(1)], { ...apart, leads: { A: 4 } })).toEqual([day(20)]);
    expect(promised([kit(1)], { ...apart, leads: { A: 4, B: 9 } })).toEqual([day(9)]);
    const missing = { inbound: [lot(9, 3)], leads: { B: 4 } };
    expect(promised([kit(1)], missing)).toEqual([day(4)]);
    expect(promised([kit(1)], { ...missing, leads: { A: 4 } })).toEqual([null]);
    expect(promised([kit(1)], { ...missing, leads: { K: 6 } })).toEqual([day(6)]);
  });
});

it('nobody is promised later because somebody behind them waits, and all get no more than comes', () => {
  const anywhere = fc.constantFrom(null, 'L1', 'L2');
  const someone = fc
    .record({
      units: fc.integer({ min: 1, max: 4 }),
      onlyLocationId: anywhere,
      isKit: fc.boolean(),
    })
    .map(({ units, onlyLocationId, isKit }) => (isKit ? kit : place)(units, { onlyLocationId }));
  const coming = fc.record({
    sku: fc.constantFrom('A', 'B'),
    locationId: fc.constantFrom('L1', 'L2'),
    eta: fc.integer({ min: 1, max: 9 }).map(day),
    units: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(
      fc.array(someone, { minLength: 1, maxLength: 8 }),
      fc.array(coming, { maxLength: 8 }),
      (queue, inbound) => {
        const all = promised(queue, { inbound });
        expect(promised(queue.slice(0, -1), { inbound })).toEqual(all.slice(0, -1));
        for (const sku of ['A', 'B'])
          for (let date = 0; date < 10; date += 1) {
            const given = queue.flatMap(({ units, parts }, index) =>
              all[index] !== null && all[index]! <= day(date)
                ? units * (parts.find((part) => part.sku === sku)?.perKit ?? 0)
                : 0,
            );
            const come = inbound.filter((one) => one.sku === sku && one.eta <= day(date));
            expect(given.reduce((sum, units) => sum + units, 0)).toBeLessThanOrEqual(
              come.reduce((sum, { units }) => sum + units, 0),
            );
          }
      },
    ),
    { numRuns: 500 },
  );
});
