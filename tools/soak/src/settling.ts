import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '@throughline/cli';
import { SERVICE_NAMES } from '@throughline/kernel';
import type { Client } from './client.js';
import type { Clerk } from './clerk.js';
import { judgeOrder, moneyProblem } from './judge.js';
import type { StockBook } from './stock-book.js';
import type { Tale } from './tale.js';
import type { MovementView, OrderView, PaymentView, StockView } from './views.js';
import type { World } from './world.js';

const WORKERS = 16;
const PASS_MS = 300;
/** An order that nothing happens to for so long, with nothing left to do, does not move any more. */
const STUCK_MS = 40_000;
const LONGEST_MS = 240_000;
const TOLD_EVERY_MS = 15_000;
/** What follows from the last message has to be there within this. */
const AGREES_WITHIN_MS = 30_000;
export type Played = {
  readonly client: Client;
  readonly world: World;
  readonly clerk: Clerk;
  readonly stock: StockBook;
  readonly tales: readonly Tale[];
};

/** Works everything off, until every order is at rest or does not move any more. */
export const bringToRest = async (
  { clerk, tales }: Played,
  say: (text: string) => void,
): Promise<void> => {
  const deadline = performance.now() + LONGEST_MS;
  let toldAt = performance.now();
  let open = [...tales];
  while (open.length > 0) {
    const unfinished: Tale[] = [];
    await inParallel(open, WORKERS, async (tale) => {
      if (await tale.settle()) return;
      if (tale.quietMs > STUCK_MS || performance.now() > deadline) stuck(tale);
      else unfinished.push(tale);
    });
    open = unfinished;
    if (open.length === 0) break;
    if (performance.now() - toldAt > TOLD_EVERY_MS) {
      toldAt = performance.now();
      say(`${open.length} orders are not at rest yet: ${standing(open)}`);
    }
    await clerk.serveWaiting();
    await delay(PASS_MS);
  }
};

const standing = (open: readonly Tale[]): string =>
  [...new Set(open.map(({ last }) => [last!.status, ...last!.exceptions].join(' + ')))].join(', ');

const stuck = ({ last, story }: Tale): void => {
  const { status, exceptions, lines } = last!;
  const units = lines.map(({ lineId, sku, quantities, cancelling, promisedOn }) => {
    const some = Object.entries(quantities).filter(([, quantity]) => quantity > 0);
    return `${lineId} ${sku} ${JSON.stringify(Object.fromEntries(some))} cancelling ${cancelling}, promised ${promisedOn}`;
  });
  story.book.found(
    'stuck',
    `It is ${status} and does not move, exceptions [${exceptions.join(', ')}]: ${units.join('; ')}`,
  );
};

/** Looks again and again until nothing is wrong; answers what still is after a while. */
const untilRight = async (look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  const deadline = performance.now() + AGREES_WITHIN_MS;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || performance.now() > deadline) return problems;
    await delay(PASS_MS);
  }
};

/** Judges every order by its own book, money included. */
export const judgeOrders = async ({ client, tales }: Played): Promise<void> => {
  await inParallel(tales, WORKERS, async ({ story: { book }, last }) => {
    const order = (await client.get<OrderView>(`/v1/orders/${book.orderId}`)) ?? last!;
    if (book.findings.some(({ rule }) => rule === 'stuck')) return;
    judgeOrder(book, order);
    const problems = await untilRight(async () => {
      const money = await client.get<PaymentView>(`/v1/payments/${book.orderId}`);
      const problem = moneyProblem(book, order, money);
      return problem === undefined ? [] : [problem];
    });
    for (const problem of problems) book.found('money', problem);
  });
};

/** The shelves as they must be: what was brought, less what left, plus what came back to be sold again. */
const expectedStock = ({ stock, tales, world }: Played): StockBook => {
  const expected = stock.copy();
  for (const { story } of tales) {
    const skuOf = new Map(story.book.lines.map(({ lineId, sku }) => [lineId, sku]));
    const move = (lineId: string, locationId: string, units: number): void => {
      for (const [sku, each] of world.partsOf(skuOf.get(lineId)!))
        expected.add(sku, locationId, units * each);
    };
    for (const { lines, locationId } of story.book.left)
      for (const { lineId, quantity } of lines) move(lineId, locationId, -quantity);
    for (const { lines, locationId } of story.book.inspections)
      for (const { lineId, quantity, disposition } of lines)
        if (disposition === 'restock') move(lineId, locationId, quantity);
  }
  return expected;
};

const issuesOf = ({ tales, world }: Played, movements: readonly MovementView[]): void => {
  const told = new Map<string, number>();
  for (const { type, reference, sku, before, after } of movements)
    if (type === 'issue') {
      const key = `${reference} ${sku}`;
      told.set(key, (told.get(key) ?? 0) + before - after);
    }
  for (const { story } of tales) {
    const { book } = story;
    const left = new Map<string, number>();
    for (const { lineId, sku } of book.lines)
      for (const [part, each] of world.partsOf(sku))
        left.set(part, (left.get(part) ?? 0) + each * book.unitsLeft(lineId));
    for (const [sku, units] of left) {
      const issued = told.get(`${book.orderId} ${sku}`) ?? 0;
      if (issued !== units) book.found('issues', `${units} ${sku} left, ${issued} were booked out`);
    }
  }
};

/** Judges the shelves; a fault of an order is noted with it. */
export const judgeStock = async (played: Played): Promise<readonly string[]> => {
  const { client, tales } = played;
  const expected = expectedStock(played);
  let movements: MovementView[] = [];
  const problems = await untilRight(async () => {
    movements = await client.list<MovementView>('/v1/inventory/movements');
    return expected.compare(await client.list<StockView>('/v1/inventory/stock'), movements);
  });
  issuesOf(played, movements);
  // Goods of an order that stands still are rightly kept for it.
  const isStanding = tales.some(({ story }) =>
    story.book.findings.some(({ rule }) => rule === 'stuck'),
  );
  return problems.filter((problem) => !isStanding || !problem.includes('reserved'));
};

/** Nothing is parked, lists agree with single orders, and the system finds nothing by itself. */
export const judgeSystem = async ({ client, tales }: Played): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const service of SERVICE_NAMES) {
    const parked = await client.list<object>(`/v1/${service}/dead-letters`);
    for (const one of parked) problems.push(`${service} has parked ${JSON.stringify(one)}`);
  }
  const ids = new Map(tales.map((tale) => [tale.story.book.orderId, tale]));
  problems.push(
    ...(await untilRight(async () => {
      const listed = await client.list<OrderView>('/v1/orders');
      const wrong =
        ids.size === listed.length ? [] : [`${listed.length} of ${ids.size} are listed`];
      for (const { orderId, status, units } of listed) {
        const one = ids.get(orderId)?.last;
        const now = JSON.stringify([one?.status, one?.units]);
        if (now !== JSON.stringify([status, units]))
          wrong.push(`Order ${orderId} is listed as ${status}, and is ${one?.status}`);
      }
      return wrong;
    })),
  );
  const differences = await client.list<object>('/v1/inventory/checks');
  for (const one of differences) problems.push(`inventory finds ${JSON.stringify(one)}`);
  const faults = client.faults.map(({ method, path, status }) => `${method} ${path}: ${status}`);
  return [...problems, ...new Set(faults)];
};
