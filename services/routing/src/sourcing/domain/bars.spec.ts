import { activeBars, barsAfter, TRIES_MAX } from './bars.js';
import { EMPTY_PICTURE } from './picture.js';

const AT = '2026-11-01T09:30:00.000Z';
const UNTIL = '2026-11-01T13:30:00.000Z';
const lines = [{ lineId: '1', sku: 'a', quantity: 2 }];
const place = { fulfillmentId: 'f', attempt: 1, locationId: 'near' };
const rejected = {
  ...place,
  reason: 'rejected',
  lines,
  at: AT,
  barredUntil: UNTIL,
  stock: [],
} as const;
const missing = { ...place, reason: 'short', lines, at: AT, barredUntil: null } as const;
const short = { ...missing, stock: [{ sku: 'a', locationId: 'near', available: 3 }] };
const shown = (available: number) => ({
  ...EMPTY_PICTURE,
  stock: [{ sku: 'a', locationId: 'near', available }],
});
const isBarred = (bars: ReturnType<typeof barsAfter>, available: number, at: string): boolean =>
  activeBars({ bars, known: [] }, shown(available), at).size > 0;

describe('a bar', () => {
  it('of a rejection ends with its time', () => {
    const bars = barsAfter(new Map(), rejected);
    expect(isBarred(bars, 9, AT)).toBe(true);
    expect(isBarred(bars, 9, UNTIL)).toBe(false);
  });

  it('of a short ends when the shelf shows more than it did with what was not found', () => {
    const bars = barsAfter(new Map(), short);
    expect(isBarred(bars, 5, UNTIL)).toBe(true);
    expect(isBarred(bars, 6, AT)).toBe(false);
  });

  it('stays after so many tries, whatever time and stock say', () => {
    const events = Array.from({ length: TRIES_MAX }, () => rejected);
    expect(isBarred(events.reduce(barsAfter, new Map()), 9, UNTIL)).toBe(true);
    expect(isBarred(events.slice(1).reduce(barsAfter, new Map()), 9, UNTIL)).toBe(false);
  });
});
