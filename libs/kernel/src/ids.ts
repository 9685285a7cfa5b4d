import { createHash, randomUUID } from 'node:crypto';

/** Namespace of every id that Throughline derives (itself a random UUID, fixed for ever). */
const NAMESPACE = Buffer.from('6f0d3c1e8a4b4e0f9b7a2d5c41e6a973', 'hex');
const SEPARATOR = '\u001f';
const ESCAPE = '\u001e';
const ESCAPED = /[\u001e\u001f]/g;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A UUIDv5 (RFC 9562) of the given parts: the same parts always give the same id, which is what
 * makes a repeated command or message recognisable. Parts are joined by the ASCII unit separator; one
 * inside a part is escaped, so that other parts never join to the same text.
 */
export const derivedId = (...parts: readonly (string | number)[]): string => {
  const name = parts.map((part) => String(part).replace(ESCAPED, escaped)).join(SEPARATOR);
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

const escaped = (symbol: string): string => ESCAPE + (symbol === ESCAPE ? '0' : '1');

/** A new random id (UUIDv4), for edges that have nothing to derive one from. */
export const newId = (): string => randomUUID();

/**
 * A number that people can read out, made from an id: 12 symbols of Crockford's base 32 in groups
 * of four (60 bits of the id), for example `7K3M-9QXW-2TFA`.
 */
export const readableNumber = (id: string): string => {
  let bits = BigInt(`0x${id.replaceAll('-', '').slice(-15)}`);
  let symbols = '';
  for (let index = 0; index < 12; index += 1) {
    symbols = CROCKFORD[Number(bits & 31n)]! + symbols;
    bits >>= 5n;
  }
  return `${symbols.slice(0, 4)}-${symbols.slice(4, 8)}-${symbols.slice(8)}`;
};

/** SHA-256 in hex of a JSON value with its object keys sorted: equal content, equal hash. */
export const contentHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');

const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(
    ([, member]) => member !== undefined && member !== null,
  );
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join()}}`;
};
