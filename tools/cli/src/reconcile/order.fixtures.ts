import type { ListedOrder, Quantities } from './system.js';

/** Quantities of a line with these units in buckets and none elsewhere; ordered is their sum. */
export const quantities = (buckets: Partial<Quantities>): Quantities => ({
  ordered: Object.entries(buckets).reduce(
    (sum, [name, units]) => sum + (name === 'returned' ? 0 : units),
    0,
  ),
  open: 0,
  backordered: 0,
  sourced: 0,
  picked: 0,
  packed: 0,
  shipped: 0,
  delivered: 0,
  returnedToOrigin: 0,
  lost: 0,
  cancelled: 0,
  returned: 0,
  ...buckets,
});

/** A listed order with one line per sku, of which these units stand in these buckets. */
export const listed = (
  externalId: string,
  skus: Readonly<Record<string, Partial<Quantities>>>,
  more: Partial<ListedOrder> = {},
): ListedOrder => {
  const lines = Object.entries(skus).map(([sku, buckets], index) => ({
    lineId: String(index + 1),
    sku,
    quantities: quantities(buckets),
  }));
  const units = { ...quantities({}) } as Record<keyof Quantities, number>;
  for (const line of lines)
    for (const [name, count] of Object.entries(line.quantities))
      units[name as keyof Quantities] += count;
  return {
    orderId: `id-${externalId}`,
    orderNumber: `number-${externalId}`,
    channel: 'web',
    externalId,
    status: 'confirmed',
    holds: [],
    exceptions: [],
    units,
    lines,
    ...more,
  };
};
