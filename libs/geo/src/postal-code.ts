import { tableRows } from './tables.js';

let patterns: ReadonlyMap<string, string> | undefined;
type Format = {
  readonly pattern: RegExp;
  /** Whether the code begins with the country, which many leave out. */
  readonly namesCountry: boolean;
};
/** Compiled when first asked for. */
const compiled = new Map<string, Format | undefined>();

const formatOf = (country: string): Format | undefined => {
  if (compiled.has(country)) return compiled.get(country);
  patterns ??= new Map(
    tableRows('postal-formats.csv').map((row) => {
      const comma = row.indexOf(',');
      return [row.slice(0, comma), row.slice(comma + 1)];
    }),
  );
  const pattern = patterns.get(country);
  const format =
    pattern === undefined
      ? undefined
      : { pattern: new RegExp(`^(?:${pattern})$`), namesCountry: pattern.startsWith(country) };
  compiled.set(country, format);
  return format;
};

const plainOf = (postalCode: string): string =>
  postalCode
    .normalize('NFKC')
    .toUpperCase()
    .replace(/CEDEX.*$/, '')
    .replace(/[^A-Z0-9]/g, '');

/**
 * Whether a text has the format of its country's postal codes, in any usual spelling: blanks, hyphens, case, a country or
 * region before a number (`D-10115`, `NY 10001`). True where no format is known. It says nothing of whether there is
 * such a code.
 */
export const isPostalCode = (country: string, postalCode: string): boolean => {
  const format = formatOf(country);
  if (!format) return true;
  const { pattern, namesCountry } = format;
  const plain = plainOf(postalCode);
  return (
    pattern.test(plain) ||
    pattern.test(plain.replace(/^[A-Z]{1,3}(?=\d+$)/, '')) ||
    (namesCountry && pattern.test(country + plain))
  );
};
