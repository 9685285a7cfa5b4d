import type { BuiltOrder } from './order.js';

const ORDERS_MAX = 50;
const LINES_MAX = 500;
/** Groups of which nothing is left cost no request, but must not gather without limit. */
const GROUPS_MAX = 500;

/** Gathers orders to batches of at most 50 orders and 500 lines; an order with more lines goes alone. */
export async function* batchesOf(
  orders: AsyncIterable<BuiltOrder>,
): AsyncGenerator<readonly BuiltOrder[]> {
  let batch: BuiltOrder[] = [];
  let posted = 0;
  let lines = 0;
  for await (const built of orders) {
    const more = built.order?.lines?.length ?? 0;
    const isFull =
      batch.length >= GROUPS_MAX || posted >= ORDERS_MAX || (lines > 0 && lines + more > LINES_MAX);
    if (isFull) {
      yield batch;
      [batch, posted, lines] = [[], 0, 0];
    }
    batch.push(built);
    if (built.order) posted += 1;
    lines += more;
  }
  if (batch.length > 0) yield batch;
}
