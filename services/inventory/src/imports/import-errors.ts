import type { PoolClient } from 'pg';
import { arrayLiteral } from '../ledger/array-literal.js';
import type { RowError } from './import.js';

const INSERT = `
  insert into import_errors
    (import_id, row, ordinal, sku, location_id, field, code, message)
  select $1, row, row_number() over (partition by row order by place), sku, location_id, field,
    code, message
  from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    with ordinality as error (row, sku, location_id, field, code, message, place)`;

/** Writes down what is wrong with rows of a file; all errors of a row at once. */
export const writeErrors = async (
  tx: PoolClient,
  importId: string,
  errors: readonly RowError[],
): Promise<void> => {
  if (errors.length === 0) return;
  const columns: readonly ((error: RowError) => unknown)[] = [
    ({ row }) => row,
    ({ sku }) => sku,
    ({ locationId }) => locationId,
    ({ field }) => field,
    ({ code }) => code,
    ({ message }) => message,
  ];
  const values = [importId, ...columns.map((column) => arrayLiteral(errors.map(column)))];
  await tx.query({ name: 'import-errors-write', text: INSERT, values });
};

/** How many rows these errors are about. */
export const rowsIn = (errors: readonly RowError[]): number =>
  new Set(errors.map(({ row }) => row)).size;
