import { invalidRequest } from '@throughline/service-kit';

const refusal = () =>
  invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);

/** The sort values of a cursor, of the kinds given. Throws the refusal of anything else. */
export const valuesOf = (
  after: readonly unknown[],
  kinds: readonly ('text' | 'number' | 'time')[],
): readonly unknown[] => {
  const fits = (value: unknown, index: number): boolean => {
    if (kinds[index] === 'number') return Number.isSafeInteger(value);
    if (typeof value !== 'string') return false;
    return kinds[index] === 'text' || !Number.isNaN(Date.parse(value));
  };
  if (after.length !== kinds.length || !after.every(fits)) throw refusal();
  return after;
};
