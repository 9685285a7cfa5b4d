import { START, type EventStore, type Position } from '@throughline/event-store';

/** When the first event of these categories after `from` was decided; undefined when there is none up to `until`. */
const timeAfter = async (
  store: EventStore,
  categories: readonly string[],
  from: Position,
  until: Position,
): Promise<string | undefined> => {
  const reading = new AbortController();
  try {
    for await (const { events, position } of store.subscribe(categories, from, reading.signal)) {
      if (events[0]) return events[0].position <= until ? events[0].metadata.at : undefined;
      if (position >= until) return undefined;
    }
    return undefined;
  } finally {
    reading.abort();
  }
};

/**
 * The position after which the events of these categories lie that were decided at `time` (ISO 8601, UTC) or later, found
 * by halving: as exact as the times in the log ascend.
 */
export const positionAt = async (
  store: EventStore,
  categories: readonly string[],
  time: string,
): Promise<Position> => {
  const wanted = Date.parse(time);
  const head = await store.head();
  let [before, after] = [START, head];
  while (before < after) {
    const middle = (before + after) / 2n;
    const found = await timeAfter(store, categories, middle, head);
    if (found !== undefined && Date.parse(found) < wanted) before = middle + 1n;
    else after = middle;
  }
  return before;
};
