import type { PoolClient, QueryResultRow } from 'pg';
import { arrayLiteral } from './array-literal.js';

export type Column<Row> = (row: Row) => unknown;

/** One statement for all rows, a column at a time; none for no rows. */
export const write = async <Row, Answer extends QueryResultRow = never>(
  tx: PoolClient,
  name: string,
  text: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  ...last: readonly unknown[]
): Promise<Answer[]> => {
  if (rows.length === 0) return [];
  const values = [...columns.map((column) => arrayLiteral(rows.map(column))), ...last];
  return (await tx.query<Answer>({ name: `ledger-write-${name}`, text, values })).rows;
};

export const json = (value: unknown): string | null =>
  value === null ? null : JSON.stringify(value);
