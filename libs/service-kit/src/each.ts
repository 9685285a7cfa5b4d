import { TransientError } from '@throughline/kernel';

type Work<Item> = (item: Item) => Promise<unknown>;

/**
 * Works on one item after the other; one that fails does not keep the others from theirs. Throws in the end what failed, and
 * "not now" at once: it would meet the next one too.
 */
export const eachOnItsOwn = async <Item>(
  items: readonly Item[],
  work: Work<Item>,
): Promise<void> => {
  const failed: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      if (error instanceof TransientError) throw error;
      failed.push(error);
    }
  }
  if (failed.length > 0)
    throw new AggregateError(failed, `${failed.length} of ${items.length} failed: ${failed[0]}`);
};

/** Works on all items together; where that fails, on each on its own. */
export const allOrEach = async <Item>(
  items: readonly Item[],
  work: Work<readonly Item[]>,
): Promise<void> => {
  try {
    await work(items);
  } catch (error) {
    if (error instanceof TransientError || items.length === 1) throw error;
    await eachOnItsOwn(items, (item) => work([item]));
  }
};
