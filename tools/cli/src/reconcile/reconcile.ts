import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Api } from '../api/api.js';
import { openSession } from '../api/session.js';
import type { ServerOptions } from '../config.js';
import { openSource } from '../orders/source.js';
import { progress, type Progress } from '../terminal/progress.js';
import { say as sayAloud, type Say } from '../terminal/say.js';
import { balancing, BETWEEN_SERVICES, queueDifferences, reservedDifferences } from './balance.js';
import { expectation, type Expectation } from './expectation.js';
import { openLines, reportOf, skuLines, type Reconciliation } from './report.js';
import { flightIn, isUnderWay, type Flight } from './flight.js';
import type {
  Difference,
  HeldLine,
  ListedException,
  ListedOrder,
  QueuedLine,
  StockLevel,
} from './system.js';

export type ReconcileOptions = ServerOptions & {
  readonly ordersFile?: readonly string[];
  readonly mapping?: string;
  readonly channel?: string;
  readonly csv?: string;
  readonly openCsv?: string;
  readonly show: number;
  readonly connections: number;
  readonly say?: Say;
};

type BrokenCheck = Readonly<Record<string, unknown>>;

const expectedIn = async (
  files: readonly string[],
  { mapping, channel }: Pick<ReconcileOptions, 'mapping' | 'channel'>,
): Promise<Expectation> => {
  const source = await openSource({
    files,
    ...(mapping !== undefined && { mapping }),
    ...(channel !== undefined && { channel }),
  });
  const expected = expectation();
  for (const { path } of source.files)
    for await (const { order } of source.orders(path)) if (order) expected.expect(order);
  return expected;
};

const exceptionsOf = async (api: Api): Promise<ReadonlyMap<string, readonly ListedException[]>> => {
  const byOrder = new Map<string, ListedException[]>();
  for await (const found of api.list<ListedException>('/v1/exceptions')) {
    const known = byOrder.get(found.orderId);
    if (known) known.push(found);
    else byOrder.set(found.orderId, [found]);
  }
  return byOrder;
};

/** Adds up a list of inventory's per SKU. */
const sumsOf = async <Item extends { readonly sku: string }>(
  items: AsyncIterable<Item>,
  unitsOf: (item: Item) => number,
): Promise<ReadonlyMap<string, number>> => {
  const sums = new Map<string, number>();
  for await (const item of items) sums.set(item.sku, (sums.get(item.sku) ?? 0) + unitsOf(item));
  return sums;
};

/** What inventory itself finds wrong with its ledger. */
const checksOf = async (api: Api): Promise<readonly Difference[]> => {
  const broken: Difference[] = [];
  for await (const { check = 'ledger', ...facts } of api.list<BrokenCheck>('/v1/inventory/checks'))
    broken.push({
      check: `inventory: ${String(check)}`,
      subject: String(facts['sku'] ?? facts['orderId'] ?? ''),
      detail: JSON.stringify(facts),
    });
  return broken;
};

/** Adds the system up, with what is `expected` to be in it; `onOrder` hears of each order. */
export const compare = async (
  api: Api,
  expected: Expectation | undefined,
  onOrder: (order: ListedOrder) => void,
): Promise<Reconciliation> => {
  const balance = balancing(await exceptionsOf(api));
  const differences: Difference[] = [];
  for await (const order of api.list<ListedOrder>('/v1/orders', { include: 'lines' })) {
    onOrder(order);
    balance.add(order);
    if (expected) differences.push(...expected.meet(order));
  }
  if (expected) differences.push(...expected.missing());
  const queue = api.list<QueuedLine>('/v1/inventory/backorders');
  const queued = await sumsOf(queue, ({ quantity }) => quantity);
  const stock = api.list<StockLevel>('/v1/inventory/stock');
  const reserved = await sumsOf(stock, (level) => level.reserved);
  const holds = api.list<HeldLine>('/v1/inventory/reservations', { state: 'held' });
  const held = await sumsOf(
    holds,
    ({ quantity, consumed, released }) => quantity - consumed - released,
  );
  const result = balance.result();
  differences.push(
    ...result.differences,
    ...queueDifferences(result, queued),
    ...reservedDifferences(result, reserved, held),
    ...(await checksOf(api)),
  );
  return { balance: result, differences, inFiles: expected?.perSku, queued, held };
};

/** Differences between services are set apart where messages between them were on their way. */
const judged = (
  found: Reconciliation,
  flights: readonly [Flight | undefined, Flight | undefined],
): Reconciliation => {
  if (!isUnderWay(flights)) return found;
  const isBetween = ({ check }: Difference): boolean => BETWEEN_SERVICES.has(check);
  return {
    ...found,
    differences: found.differences.filter((one) => !isBetween(one)),
    unjudged: found.differences.filter(isBetween),
    underWay: Math.max(...flights.map((flight) => flight?.messages ?? 0)),
  };
};

const write = async (path: string | undefined, lines: Iterable<string>): Promise<void> => {
  if (path !== undefined) await pipeline(Readable.from(lines), createWriteStream(path));
};

/**
 * Adds up every unit of every order, with files of orders and with inventory, and says what does not agree.
 * Answers whether everything adds up. What services say of the same units can only be compared while no message is on its
 * way: else such differences are shown apart, and not judged.
 */
export const reconcile = async (options: ReconcileOptions): Promise<boolean> => {
  const { ordersFile, csv, openCsv, show, say = sayAloud } = options;
  const shown: { progress?: Progress; orders: number } = { orders: 0 };
  const api = await openSession(options, (what, ms) => shown.progress?.trouble(what, ms));
  try {
    const expected = ordersFile && (await expectedIn(ordersFile, options));
    shown.progress = progress('orders', say, () => ({ count: shown.orders, facts: '' }));
    const before = await flightIn(api);
    const compared = await compare(api, expected, () => (shown.orders += 1));
    const found = judged(compared, [before, await flightIn(api)]);
    shown.progress.stop();
    await write(csv, skuLines(found));
    await write(openCsv, openLines(found));
    say(reportOf(found, show));
    return found.differences.length === 0 && (found.unjudged ?? []).length === 0;
  } finally {
    shown.progress?.stop();
    await api.close();
  }
};
