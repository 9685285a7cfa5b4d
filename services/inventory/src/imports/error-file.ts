import { csv } from '@throughline/kernel';
import { PAGE_MAX, pageRequest } from '@throughline/service-kit';
import type { RowError } from './import.js';
import type { ImportsQuery } from './imports.query.js';

const COLUMNS = ['row', 'sku', 'locationId', 'field', 'code', 'message'] as const;

const lineOf = (error: RowError): string => `${csv(COLUMNS.map((column) => error[column]))}\r\n`;

/** All errors of a file as CSV (RFC 4180), read a page at a time. */
export async function* errorFile(
  query: Pick<ImportsQuery, 'errors'>,
  importId: string,
): AsyncGenerator<string> {
  yield `${COLUMNS.join()}\r\n`;
  let after: readonly unknown[] | undefined;
  do {
    const { items, nextCursor } = await query.errors(importId, { limit: PAGE_MAX, after });
    yield items.map(lineOf).join('');
    after = nextCursor === null ? undefined : pageRequest({ cursor: nextCursor }).after;
  } while (after);
}
