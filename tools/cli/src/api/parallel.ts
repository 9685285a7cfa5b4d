/**
 * Works through a source with several workers at a time; the source is only read as fast as they finish.
 * The first error stops the reading, lets the work under way finish, and is thrown.
 */
export const inParallel = async <Item>(
  source: AsyncIterable<Item> | Iterable<Item>,
  workers: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const state: { error?: unknown; failed: boolean } = { failed: false };
  // Generators queue concurrent calls of `next` by themselves, so the workers may share the iterator.
  const run = async (): Promise<void> => {
    try {
      while (!state.failed) {
        const next = await iterator.next();
        if (next.done === true) return;
        await work(next.value);
      }
    } catch (error) {
      if (!state.failed) Object.assign(state, { error, failed: true });
    }
  };
  await Promise.all(Array.from({ length: workers }, run));
  if (!state.failed) return;
  await iterator.return?.();
  throw state.error;
};
