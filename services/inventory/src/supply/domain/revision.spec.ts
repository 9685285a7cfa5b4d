import { close, revise } from './revision.js';
import type { LineTerms, Supply, SupplyLine, Wanted } from './supply.js';

const NOW = '2026-11-01T10:00:00.000Z';
const SOON = '2026-11-10T00:00:00.000Z';
const LATE = '2026-11-20T00:00:00.000Z';

const terms = (lineId: string, ordered: number, eta: string | null = SOON): LineTerms => ({
  lineId,
  sku: `sku-${lineId}`,
  ordered,
  eta,
});
const line = (lineId: string, ordered: number, more: Partial<SupplyLine> = {}): SupplyLine => ({
  ...terms(lineId, ordered),
  dispatched: 0,
  received: 0,
  surplus: 0,
  lost: 0,
  cancelled: 0,
  ...more,
});
const order = (lines: readonly SupplyLine[], more: Partial<Supply> = {}): Supply => ({
  supplyId: 'po-1',
  kind: 'purchase-order',
  locationId: 'L1',
  fromLocationId: null,
  supplier: 'Acme',
  reference: null,
  state: 'open',
  closedBecause: null,
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  lines,
  ...more,
});
const transfer = (lines: readonly SupplyLine[]): Supply =>
  order(lines, { kind: 'transfer', fromLocationId: 'L2' });
const wanted = (lines: readonly LineTerms[], more: Partial<Wanted> = {}): Wanted => ({
  kind: 'purchase-order',
  locationId: 'L1',
  fromLocationId: null,
  supplier: 'Acme',
  reference: null,
  lines,
  ...more,
});

describe('what is said of a supply', () => {
  it('changes nothing when it is what was said before, also once it is closed', () => {
    const same = { ok: true, isSame: true, dropped: [], etaChanges: [] };
    const open = order([line('1', 5), line('2', 3, { received: 1 })]);
    expect(revise(open, wanted([terms('1', 5), terms('2', 3)]))).toMatchObject(same);
    const closed = order([line('1', 5, { received: 2, cancelled: 3 })], { state: 'closed' });
    expect(revise(closed, wanted([terms('1', 5)]))).toMatchObject(same);
  });

  it('refuses to change what is closed', () => {
    const closed = order([line('1', 5, { cancelled: 5 })], { state: 'cancelled' });
    for (const lines of [
      [terms('1', 6)],
      [terms('1', 5, LATE)],
      [terms('1', 5), terms('2', 1)],
      [],
    ])
      expect(revise(closed, wanted(lines))).toEqual({
        ok: false,
        rejection: { code: 'supply-closed' },
      });
  });

  it('tells which lines are expected at another time, but not that a new one is', () => {
    const known = order([line('1', 5), line('2', 5), line('3', 5)]);
    const said = [terms('1', 5, LATE), terms('2', 5, null), terms('3', 5), terms('4', 5)];
    expect(revise(known, wanted(said))).toMatchObject({
      isSame: false,
      etaChanges: [
        { lineId: '1', before: SOON, after: LATE },
        { lineId: '2', before: SOON, after: null },
      ],
    });
  });

  it('counts what came beyond the order as surplus, and as expected once more is ordered', () => {
    const known = order([line('1', 5, { received: 5, surplus: 2 })]);
    expect(revise(known, wanted([terms('1', 6)]))).toMatchObject({
      lines: [{ received: 6, surplus: 1 }],
    });
    expect(revise(known, wanted([terms('1', 3)]))).toMatchObject({
      lines: [{ received: 3, surplus: 4 }],
    });
  });

  it('expects nothing more of a line that is not named, and forgets it if nothing of it came', () => {
    const known = order([line('1', 5, { received: 2 }), line('2', 5), line('3', 5)]);
    const revision = revise(known, wanted([terms('3', 5)]));
    expect(revision).toMatchObject({
      dropped: ['2'],
      lines: [
        { lineId: '3', cancelled: 0 },
        { lineId: '1', received: 2, cancelled: 3 },
      ],
    });
    const { lines } = revision as Extract<typeof revision, { ok: true }>;
    const later = order(lines);
    expect(revise(later, wanted([terms('3', 5)]))).toMatchObject({ isSame: true });
    expect(revise(later, wanted([terms('3', 5), terms('1', 5)]))).toMatchObject({
      isSame: false,
      lines: [{}, { lineId: '1', received: 2, cancelled: 0 }],
    });
  });

  it('cannot say of goods that have moved that they are others or went elsewhere', () => {
    const known = order([line('1', 5, { received: 1 }), line('2', 5)]);
    const lines = [terms('1', 5), terms('2', 5)];
    expect(revise(known, wanted(lines, { locationId: 'L3' }))).toEqual({
      ok: false,
      rejection: { code: 'goods-have-moved', field: 'locationId', lineId: null },
    });
    expect(revise(known, wanted([{ ...terms('1', 5), sku: 'other' }, terms('2', 5)]))).toEqual({
      ok: false,
      rejection: { code: 'goods-have-moved', field: 'sku', lineId: '1' },
    });
    expect(
      revise(known, wanted([terms('1', 5), { ...terms('2', 5), sku: 'other' }])),
    ).toMatchObject({ ok: true });
    expect(revise(order([line('1', 5)]), wanted(lines, { locationId: 'L3' }))).toMatchObject({
      ok: true,
    });
  });
});

describe('the end of a supply', () => {
  it('is cancelled where nothing came, closed where something did', () => {
    expect(close(order([line('1', 5)]), 'cancelled')).toMatchObject({
      state: 'cancelled',
      lines: [{ cancelled: 5, lost: 0 }],
    });
    expect(close(order([line('1', 5, { received: 2 })]), 'lost')).toMatchObject({
      state: 'closed',
      lines: [{ received: 2, cancelled: 0, lost: 3 }],
    });
  });

  it('loses of a transfer what is under way, and cancels what never left', () => {
    const half = transfer([line('1', 9, { dispatched: 5, received: 2 })]);
    expect(close(half, 'cancelled')).toEqual({
      ok: false,
      rejection: { code: 'goods-on-their-way', units: 3 },
    });
    expect(close(half, 'lost')).toMatchObject({
      state: 'closed',
      lines: [{ received: 2, lost: 3, cancelled: 4 }],
    });
    expect(close(transfer([line('1', 9)]), 'lost')).toMatchObject({
      state: 'cancelled',
      lines: [{ lost: 0, cancelled: 9 }],
    });
  });
});
