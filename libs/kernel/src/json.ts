import { isUtf8 } from 'node:buffer';

/**
 * How deep what comes from outside may be nested. The deepest that is taken, attributes within a line of a batch of orders, has 25
 * levels; much deeper ones exhaust the stack of what walks through them.
 */
export const JSON_DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/** Why bytes are no JSON that we read. The message says it in words, without a subject: `is not JSON: ...`. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  constructor(
    readonly code: 'json' | 'utf-8' | 'depth' | 'reserved-name',
    message: string,
    /** Which member is meant, where it is a single one. */
    readonly field = '',
  ) {
    super(message);
  }
}

/**
 * Reads JSON from outside (RFC 8259, a byte order mark accepted). Throws `JsonError` for what is not UTF-8 or not JSON, is nested
 * deeper than `JSON_DEPTH_MAX`, or has members that would reach the prototypes of our own objects.
 */
export const parseJson = (bytes: Uint8Array): unknown => {
  if (!isUtf8(bytes)) throw new JsonError('utf-8', 'is not UTF-8');
  if (isTooDeep(bytes))
    throw new JsonError('depth', `must not be nested deeper than ${JSON_DEPTH_MAX} levels`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const value = parsed(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (mayHoldReservedName(text)) refuseReservedNames(value);
  return value;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError('json', `is not JSON: ${(error as Error).message}`);
  }
};

/** Before anything is made of it: a look at each byte costs less than a fifth of reading it. */
const isTooDeep = (bytes: Uint8Array): boolean => {
  if (bytes.length <= JSON_DEPTH_MAX) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === OBJECT || byte === LIST) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) return true;
    } else if (byte === OBJECT_END || byte === LIST_END) depth -= 1;
  }
  return false;
};

/** An escape can hide a name, so that all that have one are looked at. */
const mayHoldReservedName = (text: string): boolean =>
  text.includes('__proto__') || text.includes('constructor') || text.includes('\\u00');

const refuseReservedNames = (value: unknown, path = ''): void => {
  if (value === null || typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) {
    const place = Array.isArray(value)
      ? `${path}[${name}]`
      : path === ''
        ? name
        : `${path}.${name}`;
    const isReserved = name === '__proto__' || (name === 'constructor' && hasPrototype(member));
    if (isReserved)
      throw new JsonError('reserved-name', `must not have a field named ${name}`, place);
    refuseReservedNames(member, place);
  }
};

const hasPrototype = (value: unknown): boolean =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, 'prototype');
