import type { Settled } from '@throughline/kernel';

/** Of several states of one thing, the newest; in key order, so that two batches lock rows alike. */
export const newestOf = <State extends { readonly version: number }>(
  states: readonly State[],
  keyOf: (state: State) => string,
): State[] => {
  const newest = new Map<string, State>();
  for (const state of states) {
    const key = keyOf(state);
    const known = newest.get(key);
    if (!known || state.version > known.version) newest.set(key, state);
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
};

/** One transaction wrote them all. */
export const savedAll = (items: readonly unknown[]): Settled<void>[] =>
  items.map(() => ({ result: undefined }));
