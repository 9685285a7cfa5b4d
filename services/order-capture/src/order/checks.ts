import { fold } from '@throughline/kernel';
import type { StreamCheck } from '@throughline/read-model';
import { BUCKETS, bucketsOf, type Buckets } from './domain/order-buckets.js';
import { noQuantities, type LineFacts } from './domain/line-facts.js';
import { evolveQuantities } from './domain/order-quantities.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

/** `returned` is a part of `delivered`; all others but `ordered` itself share out what was ordered. */
const SHARES = BUCKETS.filter((bucket) => bucket !== 'ordered' && bucket !== 'returned');

const brokenIn = (buckets: Buckets, { works, reshipped }: LineFacts): readonly string[] => {
  const sum = SHARES.reduce((units, bucket) => units + buckets[bucket], 0);
  const handedOver = works.reduce((units, work) => units + work.handedOver, -reshipped);
  return [
    ...(sum === buckets.ordered ? [] : [`${buckets.ordered} ordered, ${sum} in buckets`]),
    ...BUCKETS.filter((bucket) => buckets[bucket] < 0).map((bucket) => `${bucket} is below 0`),
    ...(buckets.returned <= buckets.delivered ? [] : ['more returned than delivered']),
    ...(handedOver <= buckets.ordered
      ? []
      : [`${buckets.ordered} ordered, ${handedOver} handed over`]),
  ];
};

/** I1: every unit that was ordered is in one place, and no more left than were ordered. */
export const unitsAddUp: StreamCheck = {
  name: 'I1',
  category: ORDER_CATEGORY,
  check: (events) => {
    const { lines, attempt } = fold(
      { evolve: evolveQuantities },
      noQuantities,
      events.map(orderCodec.decode),
    );
    return [...lines].flatMap(([lineId, line]) =>
      brokenIn(bucketsOf(line, attempt), line).map((words) => `line ${lineId}: ${words}`),
    );
  },
};
