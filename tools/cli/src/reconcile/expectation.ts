import type { CanonicalOrder } from '@throughline/contracts';
import { nameOf } from './balance.js';
import type { Difference, ListedOrder } from './system.js';

type UnitsBySku = ReadonlyMap<string, number>;

const unitsOf = (
  lines: readonly { readonly sku: string; readonly quantity: number }[],
): UnitsBySku => {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
};

// Many orders are kept for long: one short text each instead of a map.
const written = (units: UnitsBySku): string =>
  JSON.stringify([...units].sort(([a], [b]) => (a < b ? -1 : 1)));
const read = (text: string): UnitsBySku => new Map(JSON.parse(text) as [string, number][]);

const differing = (wanted: UnitsBySku, there: UnitsBySku): string =>
  [...new Set([...wanted.keys(), ...there.keys()])]
    .filter((sku) => (wanted.get(sku) ?? 0) !== (there.get(sku) ?? 0))
    .map((sku) => `${sku}: ${wanted.get(sku) ?? 0} in the file, ${there.get(sku) ?? 0} ordered`)
    .join('; ');

/** What files of orders say should be in the system; orders of other channels do not concern it. */
export const expectation = () => {
  const expected = new Map<string, string>();
  const channels = new Set<string>();
  const perSku = new Map<string, number>();

  return {
    /** Units per SKU of all expected orders. */
    perSku: perSku as UnitsBySku,

    expect: (order: CanonicalOrder): void => {
      const units = unitsOf(order.lines);
      const before = expected.get(nameOf(order));
      expected.set(nameOf(order), written(units));
      channels.add(order.channel);
      if (before !== undefined) return;
      for (const [sku, count] of units) perSku.set(sku, (perSku.get(sku) ?? 0) + count);
    },

    /** Takes an order of the system off the list; answers how it differs. */
    meet: (order: ListedOrder): readonly Difference[] => {
      const subject = nameOf(order);
      const wanted = expected.get(subject);
      expected.delete(subject);
      if (wanted === undefined)
        return channels.has(order.channel)
          ? [{ check: 'order-unexpected', subject, detail: 'is in the system, not in the file' }]
          : [];
      const lines = order.lines.map(({ sku, quantities }) => ({
        sku,
        quantity: quantities.ordered,
      }));
      const there = unitsOf(lines);
      if (written(there) === wanted) return [];
      const detail = differing(read(wanted), there);
      return [{ check: 'order-differs', subject, detail }];
    },

    /** What was expected and has not been met. */
    missing: (): readonly Difference[] =>
      [...expected.keys()].map((subject) => ({
        check: 'order-missing',
        subject,
        detail: 'is in the file, not in the system',
      })),
  };
};

export type Expectation = ReturnType<typeof expectation>;
