import type { PipeTransform } from '@nestjs/common';

/** Makes lists of query parameters that may be repeated: `@Query(repeatable('sku'), valid(StockListQuery))`. */
export const repeatable = (...names: readonly string[]): PipeTransform => ({
  transform: (query: Readonly<Record<string, unknown>>) => {
    const single = names.filter((name) => typeof query[name] === 'string');
    return { ...query, ...Object.fromEntries(single.map((name) => [name, [query[name]]])) };
  },
});

/**
 * The ids that a query parameter names. One that is repeated names each id as it stands. A single one that holds commas is
 * an id where there is such an id, and a list of ids otherwise.
 */
export const idsNamed = async (
  given: readonly string[],
  isKnown: (id: string) => Promise<boolean>,
): Promise<readonly string[]> => {
  const [only] = given;
  if (only === undefined || given.length > 1 || !only.includes(',') || (await isKnown(only)))
    return [...new Set(given)];
  return [...new Set(only.split(',').filter((id) => id !== ''))];
};
