import {
  BUCKETS,
  type Bucket,
  type Difference,
  type ListedException,
  type ListedOrder,
  type Quantities,
} from './system.js';

/** What is still to be done with an order, and why nobody has done it yet. */
export type OpenOrder = {
  readonly orderNumber: string;
  readonly order: string;
  readonly units: number;
  readonly reason: string;
  readonly next: string;
};

export type Sums = { -readonly [Name in keyof Quantities]: number };

/** The orders of the system added up. */
export type Balance = {
  readonly orders: number;
  readonly bySku: ReadonlyMap<string, Sums>;
  readonly openOrders: readonly OpenOrder[];
  readonly differences: readonly Difference[];
};

const STILL_OPEN: readonly Bucket[] = ['open', 'sourced', 'picked', 'packed'];
const GONE: readonly Bucket[] = ['shipped', 'delivered', 'returnedToOrigin', 'lost'];

const zero = (): Sums => ({
  ordered: 0,
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
});

const add = (sums: Sums, quantities: Quantities): void => {
  sums.ordered += quantities.ordered;
  sums.returned += quantities.returned;
  for (const bucket of BUCKETS) sums[bucket] += quantities[bucket];
};

const sumOf = (quantities: Quantities, buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, bucket) => sum + quantities[bucket], 0);

/** Units that a location or routing still has to do something about. */
export const openUnits = (quantities: Quantities): number => sumOf(quantities, STILL_OPEN);
/** Units that left a location. */
export const goneUnits = (quantities: Quantities): number => sumOf(quantities, GONE);
/** Units that no bucket accounts for; 0 when all is well. */
export const missingUnits = (quantities: Quantities): number =>
  quantities.ordered - sumOf(quantities, BUCKETS);

export const nameOf = (order: Pick<ListedOrder, 'channel' | 'externalId'>): string =>
  `${order.channel} ${order.externalId}`;

const worded = (name: string, reason: string | null): string =>
  reason ? `${name}: ${reason}` : name;

/** The order's status with what holds it up; a hold that is also an exception is said once. */
const reasonOf = (order: ListedOrder, exceptions: readonly ListedException[]): string => {
  const classes = new Set(exceptions.map((found) => found.class));
  const reasons = [
    ...exceptions.map((found) => worded(found.class, found.reason)),
    ...order.holds
      .map(({ kind, reason }) => ({ name: `hold-${kind}`, reason }))
      .filter(({ name }) => !classes.has(name))
      .map(({ name, reason }) => worded(name, reason)),
  ];
  return [order.status, ...reasons].join('; ');
};

const checkOrder = (order: ListedOrder): readonly Difference[] => {
  const differences: Difference[] = [];
  const sums = zero();
  for (const { lineId, quantities } of order.lines) {
    add(sums, quantities);
    const missing = missingUnits(quantities);
    if (missing !== 0)
      differences.push({
        check: 'line-balance',
        subject: nameOf(order),
        detail: `line ${lineId}: ${missing} of ${quantities.ordered} units in no bucket`,
      });
  }
  for (const name of ['ordered', 'returned', ...BUCKETS] as const)
    if (sums[name] !== order.units[name])
      differences.push({
        check: 'order-units',
        subject: nameOf(order),
        detail: `${name}: ${order.units[name]} on the order, ${sums[name]} on its lines`,
      });
  return differences;
};

/** Adds up orders one by one; each must be listed once, and its units must be in one bucket each. */
export const balancing = (exceptions: ReadonlyMap<string, readonly ListedException[]>) => {
  const bySku = new Map<string, Sums>();
  const seen = new Map<string, string>();
  const openOrders: OpenOrder[] = [];
  const differences: Difference[] = [];
  let orders = 0;

  const addOrder = (order: ListedOrder): void => {
    const name = nameOf(order);
    const other = seen.get(name);
    // A page boundary may show an order again; two orders of one name are the fault looked for.
    if (other === order.orderId) return;
    if (other !== undefined)
      differences.push({ check: 'order-doubled', subject: name, detail: `also ${other}` });
    seen.set(name, order.orderId);
    orders += 1;
    differences.push(...checkOrder(order));
    for (const { sku, quantities } of order.lines) {
      let sums = bySku.get(sku);
      if (!sums) bySku.set(sku, (sums = zero()));
      add(sums, quantities);
    }
    const units = openUnits(order.units);
    if (units === 0) return;
    const found = exceptions.get(order.orderId) ?? [];
    openOrders.push({
      orderNumber: order.orderNumber,
      order: name,
      units,
      reason: reasonOf(order, found),
      next: found.flatMap(({ nextActions }) => nextActions).join(', '),
    });
  };

  return {
    add: addOrder,
    result: (): Balance => ({ orders, bySku, openOrders, differences }),
  };
};

/** All SKUs in one row. */
export const totalOf = ({ bySku }: Balance): Sums => {
  const total = zero();
  for (const sums of bySku.values()) add(total, sums);
  return total;
};

/** What two services say of the same units: it agrees once the messages between them are handled. */
export const BETWEEN_SERVICES: ReadonlySet<string> = new Set(['backorder-queue', 'reserved-stock']);

/** Units per SKU on orders against inventory's; `words` says what each side calls them. */
const perSku = (
  { bySku }: Balance,
  check: string,
  units: (sums: Sums) => number,
  inInventory: ReadonlyMap<string, number>,
  words: readonly [onOrders: string, there: string],
): readonly Difference[] =>
  [...new Set([...bySku.keys(), ...inInventory.keys()])].flatMap((sku) => {
    const sums = bySku.get(sku);
    const [onOrders, there] = [sums ? units(sums) : 0, inInventory.get(sku) ?? 0];
    if (onOrders === there) return [];
    const detail = `${onOrders} units ${words[0]}, ${there} ${words[1]}`;
    return [{ check, subject: sku, detail }];
  });

/** Backordered units against inventory's queue: who waits in one must wait in the other. */
export const queueDifferences = (
  balance: Balance,
  queued: ReadonlyMap<string, number>,
): readonly Difference[] =>
  perSku(balance, 'backorder-queue', ({ backordered }) => backordered, queued, [
    'backordered on orders',
    "in inventory's queue",
  ]);

/**
 * Units that locations work on against stock that is reserved for orders: a dead reservation would hide stock for ever. What
 * checkouts hold is no order's yet.
 */
export const reservedDifferences = (
  balance: Balance,
  reserved: ReadonlyMap<string, number>,
  held: ReadonlyMap<string, number>,
): readonly Difference[] =>
  perSku(
    balance,
    'reserved-stock',
    ({ sourced, picked, packed }) => sourced + picked + packed,
    new Map([...reserved].map(([sku, units]) => [sku, units - (held.get(sku) ?? 0)])),
    ['at work on orders', 'reserved for orders in inventory'],
  );
