import {
  arrivedOf,
  inboundOf,
  underWayOf,
  type ClosureReason,
  type EtaChange,
  type LineTerms,
  type Supply,
  type SupplyLine,
  type SupplyState,
  type Wanted,
} from './supply.js';

export type SupplyRejection =
  | { readonly code: 'supply-closed' }
  /** What has moved already belongs to these terms. `lineId` null: to the document's own. */
  | { readonly code: 'goods-have-moved'; readonly field: string; readonly lineId: string | null }
  | { readonly code: 'goods-on-their-way'; readonly units: number };

export type Revision =
  | {
      readonly ok: true;
      readonly lines: readonly SupplyLine[];
      /** Lines that go without a trace, since nothing of them moved. */
      readonly dropped: readonly string[];
      readonly etaChanges: readonly EtaChange[];
      readonly isSame: boolean;
    }
  | { readonly ok: false; readonly rejection: SupplyRejection };

const NOTHING = { dispatched: 0, received: 0, surplus: 0, lost: 0, cancelled: 0 };
const HEADER = ['kind', 'locationId', 'fromLocationId', 'supplier', 'reference'] as const;
/** Terms that what has moved already was moved by. */
const SETTLED = ['kind', 'locationId', 'fromLocationId'] as const;

const hasMoved = (line: SupplyLine): boolean => line.dispatched + arrivedOf(line) > 0;

/**
 * What a document becomes by what is said of it now. Lines that are not named any more expect nothing more.
 * More or less may be ordered at any time: what came beyond it is surplus.
 */
export const revise = (known: Supply, wanted: Wanted): Revision => {
  const lines = wanted.lines.map((line) => revised(known, line));
  const named = new Set(wanted.lines.map(({ lineId }) => lineId));
  const others = known.lines.filter(({ lineId }) => !named.has(lineId));
  const kept = others.filter(hasMoved).map(ended);
  const dropped = others.filter((line) => !hasMoved(line)).map(({ lineId }) => lineId);
  const all = [...lines, ...kept];
  const isSame =
    dropped.length === 0 &&
    HEADER.every((field) => known[field] === wanted[field]) &&
    all.length === known.lines.length &&
    all.every((line, index) => isSameLine(line, known.lines[index]!));
  if (isSame) return { ok: true, lines: all, dropped, etaChanges: [], isSame };
  const rejection = refusalOf(known, wanted);
  if (rejection) return { ok: false, rejection };
  const etaChanges = lines.flatMap(({ lineId, eta }) => {
    const before = lineOf(known, lineId);
    return before && before.eta !== eta ? [{ lineId, before: before.eta, after: eta }] : [];
  });
  return { ok: true, lines: all, dropped, etaChanges, isSame };
};

const lineOf = ({ lines }: Supply, lineId: string): SupplyLine | undefined =>
  lines.find((line) => line.lineId === lineId);

const revised = (known: Supply, wanted: LineTerms): SupplyLine => {
  const line = lineOf(known, wanted.lineId);
  if (!line) return { ...wanted, ...NOTHING };
  // What ended keeps its end.
  if (known.state !== 'open' && line.ordered === wanted.ordered) return { ...line, ...wanted };
  const received = Math.min(arrivedOf(line), wanted.ordered);
  return { ...line, ...wanted, received, surplus: arrivedOf(line) - received, cancelled: 0 };
};

const ended = (line: SupplyLine): SupplyLine => ({
  ...line,
  cancelled: line.ordered - line.received - line.lost,
});

const isSameLine = (one: SupplyLine, other: SupplyLine): boolean =>
  one.lineId === other.lineId &&
  one.sku === other.sku &&
  one.ordered === other.ordered &&
  one.eta === other.eta &&
  one.cancelled === other.cancelled;

const refusalOf = (known: Supply, wanted: Wanted): SupplyRejection | null => {
  if (known.state !== 'open') return { code: 'supply-closed' };
  const moved = known.lines.filter(hasMoved);
  if (moved.length === 0) return null;
  const field = SETTLED.find((name) => known[name] !== wanted[name]);
  if (field) return { code: 'goods-have-moved', field, lineId: null };
  for (const line of wanted.lines) {
    const before = moved.find(({ lineId }) => lineId === line.lineId);
    if (before && before.sku !== line.sku)
      return { code: 'goods-have-moved', field: 'sku', lineId: line.lineId };
  }
  return null;
};

export type Closure =
  | { readonly ok: true; readonly lines: readonly SupplyLine[]; readonly state: SupplyState }
  | { readonly ok: false; readonly rejection: SupplyRejection };

/**
 * Ends a supply: nothing more is expected of it. Of a transfer, what is under way can be lost but not
 * cancelled, and what never left can be cancelled but not lost.
 */
export const close = ({ kind, lines }: Supply, reason: ClosureReason): Closure => {
  const units = lines.reduce((sum, line) => sum + underWayOf(line), 0);
  if (reason === 'cancelled' && units > 0)
    return { ok: false, rejection: { code: 'goods-on-their-way', units } };
  const closed = lines.map((line) => {
    const rest = inboundOf(line);
    const mayBeLost = kind === 'transfer' ? Math.min(rest, underWayOf(line)) : rest;
    const lost = reason === 'lost' ? mayBeLost : 0;
    return { ...line, lost: line.lost + lost, cancelled: line.cancelled + rest - lost };
  });
  return { ok: true, lines: closed, state: endOf(closed) };
};

/** How a supply ended of which nothing more is expected. */
export const endOf = (lines: readonly SupplyLine[]): SupplyState =>
  lines.every((line) => !hasMoved(line) && line.lost === 0) ? 'cancelled' : 'closed';
