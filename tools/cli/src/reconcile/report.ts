import { csvLine } from '../orders/csv.js';
import { grouped, table } from '../terminal/table.js';
import { goneUnits, missingUnits, openUnits, totalOf, type Balance } from './balance.js';
import type { Difference } from './system.js';

export type Reconciliation = {
  readonly balance: Balance;
  readonly differences: readonly Difference[];
  /** Units per SKU in the files compared with, if any were. */
  readonly inFiles: ReadonlyMap<string, number> | undefined;
  readonly queued: ReadonlyMap<string, number>;
  /** Units that checkouts hold, per SKU. */
  readonly held: ReadonlyMap<string, number>;
  /** Differences between services while messages are on their way. */
  readonly unjudged?: readonly Difference[];
  readonly underWay?: number;
};

const COLUMNS = [
  'sku',
  'ordered',
  'shipped',
  'backordered',
  'cancelled',
  'open',
  'difference',
  'on-its-way',
  'delivered',
  'returned-to-origin',
  'lost',
  'returned',
  'not-sourced',
  'sourced',
  'picked',
  'packed',
  'in-files',
  'in-queue',
];

/** The whole table per SKU as CSV; `shipped` is all that left a location, `open` all that still has to. */
export function* skuLines({ balance, inFiles, queued }: Reconciliation): Generator<string> {
  yield csvLine(COLUMNS);
  const skus = [...balance.bySku].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [sku, sums] of skus)
    yield csvLine([
      sku,
      sums.ordered,
      goneUnits(sums),
      sums.backordered,
      sums.cancelled,
      openUnits(sums),
      missingUnits(sums),
      sums.shipped,
      sums.delivered,
      sums.returnedToOrigin,
      sums.lost,
      sums.returned,
      sums.open,
      sums.sourced,
      sums.picked,
      sums.packed,
      inFiles && (inFiles.get(sku) ?? 0),
      queued.get(sku) ?? 0,
    ]);
}

/** Every order with open units as CSV. */
export function* openLines({ balance }: Reconciliation): Generator<string> {
  yield csvLine(['order-number', 'order', 'open-units', 'reason', 'next-action']);
  for (const { orderNumber, order, units, reason, next } of balance.openOrders)
    yield csvLine([orderNumber, order, units, reason, next]);
}

const totals = ({ balance, inFiles, queued, held }: Reconciliation): string => {
  const total = totalOf(balance);
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((all, count) => all + count, 0);
  return table([
    ['Orders', balance.orders],
    ['SKUs', balance.bySku.size],
    ['Units ordered', total.ordered],
    ...(inFiles ? [['  in the files', sum(inFiles)] as const] : []),
    ['  shipped', goneUnits(total)],
    ['    on their way', total.shipped],
    ['    delivered', total.delivered],
    ['      of which returned', total.returned],
    ['    returned to origin', total.returnedToOrigin],
    ['    lost', total.lost],
    ['  backordered', total.backordered],
    ["    in inventory's queue", sum(queued)],
    ['  cancelled', total.cancelled],
    ['  open', openUnits(total)],
    ['    not sourced', total.open],
    ['    sourced', total.sourced],
    ['    picked', total.picked],
    ['    packed', total.packed],
    ['  difference', missingUnits(total)],
    ['Held by checkouts', sum(held)],
  ]);
};

const limited = <Item>(
  items: readonly Item[],
  shown: number,
  show: (items: readonly Item[]) => string,
): readonly string[] => {
  const rest = items.length - shown;
  const more = rest > 0 ? [`... and ${grouped(rest)} more (--show ${items.length} shows all)`] : [];
  return [show(items.slice(0, shown)), ...more];
};

/** The reconciliation in words; at most `shown` rows of each list. */
export const reportOf = (found: Reconciliation, shown: number): string => {
  const { openOrders, bySku } = found.balance;
  const byReason = Map.groupBy(openOrders, ({ reason }) => reason);
  const reasons = [...byReason].map(([reason, orders]) => {
    const units = orders.reduce((sum, order) => sum + order.units, 0);
    return [reason, orders.length, units] as const;
  });
  reasons.sort(([, , a], [, , b]) => b - a);
  const wrong = [...bySku].filter(([, sums]) => missingUnits(sums) !== 0);
  const parts = ['', totals(found)];
  if (reasons.length > 0)
    parts.push(
      '',
      'Open units by reason',
      ...limited(reasons, shown, (rows) => table([['reason', 'orders', 'units'], ...rows])),
      '',
      'Orders with open units',
      ...limited(openOrders, shown, (orders) =>
        table(orders.map(({ order, units, reason, next }) => [order, units, reason, next])),
      ),
    );
  if (wrong.length > 0)
    parts.push(
      '',
      'SKUs that do not add up',
      ...limited(wrong, shown, (rows) =>
        table(rows.map(([sku, sums]) => [sku, missingUnits(sums)])),
      ),
    );
  if (found.differences.length > 0)
    parts.push(
      '',
      `${grouped(found.differences.length)} differences`,
      ...limited(found.differences, shown, (rows) =>
        table(rows.map(({ check, subject, detail }) => [check, subject, detail])),
      ),
    );
  const { unjudged = [], underWay = 0 } = found;
  if (unjudged.length > 0)
    parts.push(
      '',
      `${grouped(unjudged.length)} not judged: work is under way (${grouped(underWay)} messages to be handled). Run it again at rest`,
      ...limited(unjudged, shown, (rows) =>
        table(rows.map(({ check, subject, detail }) => [check, subject, detail])),
      ),
    );
  if (found.differences.length === 0)
    parts.push('', unjudged.length === 0 ? 'Everything adds up.' : 'Nothing else differs.');
  return parts.join('\n');
};
