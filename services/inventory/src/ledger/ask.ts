import type { PoolClient, QueryResultRow } from 'pg';
import { arrayLiteral } from './array-literal.js';

/** Asks once for all; nothing when there is nothing to ask for. */
export const ask = async <Row extends QueryResultRow>(
  tx: PoolClient,
  name: string,
  text: string,
  values: readonly (readonly unknown[])[],
): Promise<Row[]> => {
  if (values.every((list) => list.length === 0)) return [];
  return (await tx.query<Row>({ name, text, values: values.map(arrayLiteral) })).rows;
};
