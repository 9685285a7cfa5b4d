import fc from 'fast-check';
import { pageOf, pageRequest, PAGE_MAX } from './paging.js';
import type { ProblemException } from './problem.js';

const fieldOf = (read: () => unknown): string | undefined => {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as ProblemException).problem.errors?.[0]?.field;
  }
};

describe('what a list is asked for', () => {
  it('is 50 from the beginning, unless it says otherwise', () => {
    expect(pageRequest({})).toEqual({ limit: 50, after: undefined });
    expect(pageRequest({ limit: '1' }).limit).toBe(1);
    expect(pageRequest({ limit: `${PAGE_MAX}` }).limit).toBe(200);
  });

  it.each(['0', '201', '-1', '1.5', 'many', '', 'Infinity'])(
    'is refused with a limit of %j',
    (limit) => expect(fieldOf(() => pageRequest({ limit }))).toBe('limit'),
  );

  it.each(['', 'x', 'bnVsbA', 'eyJhIjoxfQ', '%00', 'W'])('is refused with a cursor %j', (cursor) =>
    expect(fieldOf(() => pageRequest({ cursor }))).toBe('cursor'),
  );
});

describe('a page', () => {
  const page = (rows: readonly number[], limit: number) =>
    pageOf(
      rows,
      limit,
      (row) => [row, 'ä'],
      (row) => `#${row}`,
    );

  it('says that there is more, and where, when a row was read too many', () => {
    const { items, nextCursor } = page([1, 2, 3], 2);
    expect(items).toEqual(['#1', '#2']);
    expect(pageRequest({ cursor: nextCursor! }).after).toEqual([2, 'ä']);
  });

  it.each([[[]], [[1]], [[1, 2]]])('is the last one with %j of 2', (rows) =>
    expect(page(rows, 2)).toEqual({ items: rows.map((row) => `#${row}`), nextCursor: null }),
  );

  it('leads to the next until all were seen once, in order', () =>
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 9 }), (count, limit) => {
        const all = Array.from({ length: count }, (_, index) => index + 1);
        const seen: string[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const { after } = pageRequest(cursor === '' ? {} : { cursor });
          const from = Number(after?.[0] ?? 0);
          const read = all.filter((row) => row > from).slice(0, limit + 1);
          const { items, nextCursor } = page(read, limit);
          seen.push(...items);
          cursor = nextCursor;
        }
        expect(seen).toEqual(all.map((row) => `#${row}`));
      }),
    ));
});
