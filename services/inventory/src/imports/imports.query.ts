import {
  sortValues,
  pageOf,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import type { Import, RowError } from './import.js';
import { importOf, type ImportRecord } from './import-rows.js';

export type ImportsQuery = {
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Import>>;
  one(importId: string): Promise<Import | undefined>;
  /** What is wrong with rows of a file, in the file's order. */
  errors(importId: string, page: PageRequest): Promise<Page<RowError>>;
};

const ONE = 'select * from imports where import_id = $1';
const LIST = 'select * from imports where sequence < $1 order by sequence desc limit $2';
const ERRORS = `
  select row, ordinal, sku, location_id, field, code, message from import_errors
  where import_id = $1 and (row, ordinal) > ($2, $3) order by row, ordinal limit $4`;

type ErrorRecord = Omit<RowError, 'locationId'> & { location_id: string | null; ordinal: number };

/** Files taken in, and what became of their rows. */
export const importsQuery = (database: Database): ImportsQuery => ({
  list: async ({ limit, after }) => {
    const [last] = after ? sortValues(after, ['int8']) : [Number.MAX_SAFE_INTEGER];
    const rows = await database.query<ImportRecord>(LIST, [last, limit + 1], 'imports');
    return pageOf(rows, limit, ({ sequence }) => [sequence], importOf);
  },

  one: async (importId) => {
    const [record] = await database.query<ImportRecord>(ONE, [importId], 'import');
    return record && importOf(record);
  },

  errors: async (importId, { limit, after }) => {
    const [row, ordinal] = after ? sortValues(after, ['int4', 'int4']) : [0, 0];
    const values = [importId, row, ordinal, limit + 1];
    const rows = await database.query<ErrorRecord>(ERRORS, values, 'import-errors');
    return pageOf(
      rows,
      limit,
      (error) => [error.row, error.ordinal],
      ({ row: at, sku, location_id: locationId, field, code, message }) => ({
        row: at,
        sku,
        locationId,
        field,
        code,
        message,
      }),
    );
  },
});
