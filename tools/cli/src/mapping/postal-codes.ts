import { createHash } from 'node:crypto';
import { rowsOf } from '../orders/rows.js';

export type CodesByCountry = ReadonlyMap<string, readonly string[]>;

export type PostalCodes = {
  /** A code of the country, the same for the same key; null where no code is known. */
  draw(
    country: unknown,
    key: string,
    more?: Readonly<Record<string, readonly string[]>>,
  ): string | null;
};

const hashOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0);

/** Draws postal codes from lists per country (ISO 3166-1 alpha-2); `more` adds countries that the lists lack. */
export const postalCodesFrom = (codesByCountry: CodesByCountry): PostalCodes => ({
  draw: (country, key, more = {}) => {
    if (typeof country !== 'string') return null;
    const codes = codesByCountry.get(country) ?? more[country] ?? [];
    return codes[hashOf(key) % codes.length] ?? null;
  },
});

/** Reads a CSV file (or .gz) with the columns `country` and `postal_code`. */
export const readPostalCodes = async (path: string): Promise<PostalCodes> => {
  const codes = new Map<string, string[]>();
  for await (const { cells } of rowsOf(path, { columns: ['country', 'postal_code'] })) {
    const { country, postal_code: code } = cells;
    if (!country || !code) continue;
    const known = codes.get(country);
    if (known) known.push(code);
    else codes.set(country, [code]);
  }
  return postalCodesFrom(codes);
};
