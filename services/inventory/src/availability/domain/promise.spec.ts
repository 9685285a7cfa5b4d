import { DAY_MS, UNCOUNTED_UNITS, type Inbound, type Shelf, type Waiting } from './goods.js';
import { promiseOf, type Supplied } from './promise.js';

const NOW = Date.UTC(2026, 10, 1, 10);
const day = (days: number): number => NOW + days * DAY_MS;

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
const waiting = (units: number, more: Partial<Waiting> = {}): Waiting => ({
  sku: 'A',
  units,
  onlyLocationId: null,
  declined: [],
  ...more,
});
const outlook = (more: Partial<Supplied>) =>
  promiseOf(
    {
      parts: [{ sku: 'A', perKit: 1 }],
      shelves: [],
      inbound: [],
      waiting: [],
      share: null,
      leadTimeDays: null,
      ...more,
    },
    NOW,
  );
const L2 = { locationId: 'L2' };
const L3 = { locationId: 'L3' };

describe('what can be promised', () => {
  it('is what is on hand and neither reserved nor kept back, at every location', () => {
    const shelves = [
      shelf(9, { reserved: 2, safetyStock: 3 }),
      shelf(2, { ...L2, safetyStock: 5 }),
    ];
    expect(outlook({ shelves }).at(NOW)).toEqual({
      available: 4,
      locations: [
        { locationId: 'L1', available: 4 },
        { locationId: 'L2', available: 0 },
      ],
    });
  });

  it('rises when supply is due, which first fills up what is to be kept back', () => {
    const of = outlook({
      shelves: [shelf(2, { safetyStock: 4 })],
      inbound: [lot(5, 3), lot(1, 5), lot(7, null)],
    });
    expect(of.dates).toEqual([NOW, day(3), day(5)]);
    const availableAt = (date: number): number => of.at(date).available;
    expect([NOW, day(3) - 1, day(3), day(5), day(99)].map(availableAt)).toEqual([0, 0, 3, 4, 4]);
  });

  it('counts supply that is overdue from the end of the next day on', () => {
    const end = Date.UTC(2026, 10, 3);
    const of = outlook({ inbound: [lot(5, -4), lot(1, 0)] });
    expect([of.at(end - 1).available, of.at(end).available]).toEqual([0, 6]);
  });

  it('is less what those wait for who may have it, at their location or in all', () => {
    const shelves = [shelf(5), shelf(5, L2)];
    const at = (...rows: Waiting[]) => {
      const { available, locations } = outlook({ shelves, waiting: rows }).at(NOW);
      return [available, ...locations.map((one) => one.available)];
    };
    expect(at(waiting(3))).toEqual([7, 5, 5]);
    expect(at(waiting(30))).toEqual([0, 5, 5]);
    expect(at(waiting(3, { onlyLocationId: 'L1' }))).toEqual([7, 2, 5]);
    expect(at(waiting(9, { onlyLocationId: 'L1' }))).toEqual([5, 0, 5]);
    expect(at(waiting(3, { declined: ['L2'] }))).toEqual([7, 2, 5]);
    expect(at(waiting(3, { declined: ['L1', 'L2'] }))).toEqual([10, 5, 5]);
    expect(at(waiting(3, { onlyLocationId: 'L1', declined: ['L1'] }))).toEqual([10, 5, 5]);
  });

  it('is kept for those who declined some locations only as far as the others have it', () => {
    const shelves = [shelf(5), shelf(0, L2), shelf(0, L3)];
    const declined = [waiting(4, { declined: ['L1'] })];
    const inbound = [lot(3, 2, L2)];
    const of = outlook({ shelves, waiting: declined, inbound });
    expect([of.at(NOW).available, of.at(day(2)).available]).toEqual([5, 5]);
  });

  it('keeps to the channel: its buffer at every location, its share in all', () => {
    const shelves = [shelf(5), shelf(1, L2)];
    const share = { quota: null, taken: 0, buffer: 2 };
    expect(outlook({ shelves, share }).at(NOW)).toMatchObject({
      available: 3,
      locations: [{ available: 3 }, { available: 0 }],
    });
    const used = { quota: 9, taken: 8, buffer: 2 };
    expect(outlook({ shelves, share: used }).at(NOW).available).toBe(1);
    expect(outlook({ shelves, share: { ...used, taken: 12 } }).at(NOW).available).toBe(0);
  });

  it('has no end at a location that nobody counts, from its lead time on', () => {
    const shelves = [shelf(1, { uncounted: true, leadTimeDays: 3 })];
    const of = outlook({ shelves });
    expect([of.at(day(3) - 1).available, of.at(day(3)).available]).toEqual([1, UNCOUNTED_UNITS]);
    expect(outlook({ shelves: [shelf(0, { uncounted: true })] }).earliest(500)).toBe(NOW);
  });
});

describe('what can be promised of a kit', () => {
  const parts = [
    { sku: 'A', perKit: 2 },
    { sku: 'B', perKit: 1 },
  ];
  const B = { sku: 'B' };

  it('is what its parts make at one location', () => {
    const shelves = [shelf(7), shelf(2, B), shelf(9, L2), shelf(9, { ...B, ...L3 })];
    expect(outlook({ parts, shelves }).at(NOW)).toEqual({
      available: 2,
      locations: [
        { locationId: 'L1', available: 2 },
        { locationId: 'L2', available: 0 },
        { locationId: 'L3', available: 0 },
      ],
    });
    const later = outlook({ parts, shelves, inbound: [lot(2, 2, B), lot(3, 4, { ...B, ...L2 })] });
    expect(later.dates.map((date) => later.at(date).available)).toEqual([2, 3, 6]);
  });

  it('is less what those wait for who wait for a part', () => {
    const shelves = [shelf(8), shelf(9, B), shelf(8, L2), shelf(9, { ...B, ...L2 })];
    const available = (...rows: Waiting[]): number =>
      outlook({ parts, shelves, waiting: rows }).at(NOW).available;
    expect(available()).toBe(8);
    expect(available(waiting(3))).toBe(6);
    expect(available(waiting(3, { onlyLocationId: 'L2' }))).toBe(6);
    expect(available(waiting(3), waiting(3, B))).toBe(5);
  });
});

describe('the first time at which so many can be had', () => {
  it('is now, or when supply makes it enough, or never', () => {
    const of = outlook({ shelves: [shelf(2)], inbound: [lot(3, 2), lot(1, 9)] });
    expect([2, 3, 5, 6, 7].map(of.earliest)).toEqual([NOW, day(2), day(2), day(9), null]);
  });

  it('is never later than the lead time, by which any quantity can be had', () => {
    const of = outlook({ shelves: [shelf(2)], inbound: [lot(3, 2), lot(1, 9)], leadTimeDays: 5 });
    expect([2, 3, 6, 7_000].map(of.earliest)).toEqual([NOW, day(2), day(5), day(5)]);
  });

  it('does not come for what is beyond the share of the channel', () => {
    const share = { quota: 4, taken: 1, buffer: 0 };
    expect([3, 4].map(outlook({ shelves: [shelf(9)], share, leadTimeDays: 1 }).earliest)).toEqual([
      NOW,
      null,
    ]);
  });
});
