import { freshDatabase } from '@throughline/testing';
import { arrayLiteral } from './array-literal.js';

it('writes what Postgres reads', async () => {
  const database = await freshDatabase({ schema: 'arrays' });
  try {
    const texts = ['plain', '', 'a"b', 'a\\b', 'a,b', '{x}', 'NULL', ' ', 'ü\n☕', "'", null];
    const numbers = [0, -1, 9_007_199_254_740_991, null];
    const [row] = await database.query<{ texts: unknown; numbers: unknown }>(
      'select to_json($1::text[]) as texts, to_json($2::bigint[]) as numbers',
      [arrayLiteral(texts), arrayLiteral(numbers)],
    );
    expect(row).toEqual({ texts, numbers });
    const [empty] = await database.query<{ count: number }>(
      'select cardinality($1::text[]) as count',
      [arrayLiteral([])],
    );
    expect(empty).toEqual({ count: 0 });
  } finally {
    await database.stop();
  }
});
