import { invalidRequest, type ProblemException } from './problem.js';

export const PAGE_MAX = 200;
const PAGE_DEFAULT = 50;

export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };
export type PageRequest = {
  readonly limit: number;
  readonly after: readonly unknown[] | undefined;
};

/** Reads `limit` (1 to 200, 50 by default) and `cursor` of a list request; refuses what is neither. */
export const pageRequest = (query: { limit?: string; cursor?: string }): PageRequest => {
  const limit = query.limit === undefined ? PAGE_DEFAULT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX)
    throw invalidRequest([
      { field: 'limit', code: 'range', message: `must be a whole number from 1 to ${PAGE_MAX}` },
    ]);
  return { limit, after: query.cursor === undefined ? undefined : decode(query.cursor) };
};

const decode = (cursor: string): readonly unknown[] => {
  try {
    const text = Buffer.from(cursor, 'base64url').toString();
    const after: unknown = JSON.parse(text);
    if (Array.isArray(after) && !text.includes('\\u0000')) return after;
  } catch {
    // Falls through to the refusal.
  }
  throw invalidCursor();
};

/** 422: a cursor that no page of this list has answered. */
export const invalidCursor = (): ProblemException =>
  invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);

/**
 * Makes a page of rows that were read with `limit + 1`: the surplus row tells that there is more. `keyOf`
 * gives the sort values of a row, which the next request gets back as `after`.
 */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly unknown[],
  itemOf: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map(itemOf),
    nextCursor: more ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null,
  };
};
