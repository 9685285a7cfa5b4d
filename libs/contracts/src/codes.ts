import * as currencies from 'dinero.js/currencies';
import { iso31661 } from 'iso-3166';

export const COUNTRY_PATTERN = /^[A-Z]{2}$/;
export const CURRENCY_PATTERN = /^[A-Z]{3}$/;

/** ISO 3166-1 alpha-2, and Kosovo, which posts and carriers know by this code. */
export const COUNTRIES: ReadonlySet<string> = new Set([
  ...iso31661.map(({ alpha2 }) => alpha2),
  'XK',
]);

/** ISO 4217: what money is counted in today, without metals, tests and currencies that are gone. */
export const CURRENCIES: ReadonlySet<string> = new Set(
  Object.values(currencies).map(({ code }) => code),
);
