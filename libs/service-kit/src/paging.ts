import { isStorable, Optional, Text } from '@throughline/contracts';
import { isRecordedInstant } from '@throughline/kernel';
import { timestampOf } from '@throughline/postgres';
import { invalidRequest, type ProblemException } from './problem.js';

export const PAGE_MAX = 200;
const PAGE_DEFAULT = 50;
/** Five ids of 100 characters, whatever the script. */
const CURSOR_MAX = 4_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Which page of a list is asked for; what else the list can be asked stands in classes that extend it. */
export class PageQuery {
  @Optional() @Text() limit?: string;
  @Optional() @Text(CURSOR_MAX) cursor?: string;
}

export type Page<Item> = {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  /** Ids that the request names and that there are not, where there are such. */
  readonly unknown?: readonly string[];
};
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
    const after: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(after)) return after;
  } catch {
    // Falls through to the refusal.
  }
  throw invalidCursor();
};

/** What a column that a list is sorted by can be compared with. */
export type SortKind = 'text' | 'int4' | 'int8' | 'instant' | 'uuid';

const FITS: Readonly<Record<SortKind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && isStorable(value),
  int4: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 - 1,
  int8: (value) => Number.isSafeInteger(value),
  instant: (value) => typeof value === 'string' && isRecordedInstant(value),
  uuid: (value) => typeof value === 'string' && UUID.test(value),
};

type SortValues<Kinds extends readonly SortKind[]> = {
  readonly [Place in keyof Kinds]: Kinds[Place] extends 'int4' | 'int8' ? number : string;
};

/** The sort values of a cursor as Postgres takes them. Throws the refusal of values that are not of these kinds. */
export const sortValues = <const Kinds extends readonly SortKind[]>(
  after: readonly unknown[],
  kinds: Kinds,
): SortValues<Kinds> => {
  const fits = (value: unknown, index: number): boolean => FITS[kinds[index]!](value);
  if (after.length !== kinds.length || !after.every(fits)) throw invalidCursor();
  const values = after.map((value, index) =>
    kinds[index] === 'instant' ? timestampOf(String(value)) : value,
  );
  return values as SortValues<Kinds>;
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
