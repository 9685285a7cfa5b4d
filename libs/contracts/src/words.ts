import type { ErrorObject } from 'ajv';
import { wordsOfPattern } from './rules.js';
import { wayInFormat } from './way-in-formats.js';

const INSTANT =
  'must be an instant with its offset, from year 1 to 9999 in UTC: 2026-11-01T09:30:00Z';
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** `string,null` -> `a text`: that null is taken too helps only those who know it already. */
const typeIn = (types: string): string =>
  types
    .split(',')
    .flatMap((type) => TYPES[type] ?? [])
    .join(' or ');

const atLeast = (limit: number, what: string): string =>
  limit === 1 ? 'must not be empty' : `must have at least ${limit} ${what}`;

/** What a rule asks for, in words; undefined for a rule that has none here. */
export const inWords = ({ keyword, message, params }: ErrorObject): string | undefined => {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'type':
      return `must be ${typeIn(String(params.type))}`;
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}`;
    case 'pattern':
      return wordsOfPattern(params.pattern);
    case 'format':
      return wayInFormat(params.format)?.inWords ?? INSTANT;
    case 'minLength':
      return atLeast(params.limit, 'characters');
    case 'maxLength':
      return `must not have more than ${params.limit} characters`;
    case 'minItems':
      return atLeast(params.limit, 'entries');
    case 'maxItems':
      return `must not have more than ${params.limit} entries`;
    case 'minimum':
      return `must be ${params.limit} or more`;
    case 'maximum':
      return `must be ${params.limit} or less`;
    default:
      // Keywords of our own bring their words along.
      return keyword.startsWith('x-') ? message : undefined;
  }
};
