const NEEDS_ESCAPE = /["\\]/;
const ESCAPED = /["\\]/g;

const elementOf = (value: unknown): string => {
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined) return 'NULL';
  const text = String(value);
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, '\\$&') : text}"`;
};

/**
 * A list of numbers, texts or nulls as Postgres writes an array. The driver's own conversion takes several times
 * longer, and a batch passes tens of thousands of values.
 */
export const arrayLiteral = (values: readonly unknown[]): string =>
  `{${values.map(elementOf).join()}}`;
