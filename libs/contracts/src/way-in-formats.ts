import { COUNTRIES, COUNTRY_PATTERN, CURRENCIES, CURRENCY_PATTERN } from './codes.js';
import { ID_RULE, isNote, isOrderlyId, isPlainText } from './texts.js';

type WayInFormat = {
  readonly isValid: (text: string) => boolean;
  /** As its faults are told. */
  readonly code: string;
  readonly inWords: string;
};

/** What no country or currency could be is named by its pattern. */
const among = (codes: ReadonlySet<string>, pattern: RegExp) => (text: string) =>
  codes.has(text) || !pattern.test(text);

/**
 * Formats that ways in alone check, by the names that the schema has for them. Messages are free of them, because earlier
 * releases took what breaks them.
 */
export const WAY_IN_FORMATS = {
  'orderly-id': { isValid: isOrderlyId, code: 'id', inWords: ID_RULE },
  'plain-text': {
    isValid: isPlainText,
    code: 'text',
    inWords: 'must not hold control characters, line breaks or tabs',
  },
  note: {
    isValid: isNote,
    code: 'text',
    inWords: 'must not hold control characters other than line breaks and tabs',
  },
  country: {
    isValid: among(COUNTRIES, COUNTRY_PATTERN),
    code: 'country',
    inWords: 'must be a country of ISO 3166-1, such as GB',
  },
  currency: {
    isValid: among(CURRENCIES, CURRENCY_PATTERN),
    code: 'currency',
    inWords: 'must be a currency of ISO 4217 that is in use, such as GBP',
  },
} as const satisfies Readonly<Record<string, WayInFormat>>;
export type WayInFormatName = keyof typeof WAY_IN_FORMATS;
export const WAY_IN_FORMAT_NAMES = Object.keys(WAY_IN_FORMATS) as WayInFormatName[];

/** The format of that name; undefined where it is none of these. */
export const wayInFormat = (name: unknown): WayInFormat | undefined =>
  WAY_IN_FORMATS[name as WayInFormatName];
