const USUAL = /^(?!0000)\d{4}-/;
const REST_LENGTH = '-01-01T00:00:00.000Z'.length;

/**
 * An instant (ISO 8601, as logs and messages hold it) as Postgres reads it: the same instant, which a column of instants
 * gives back. Postgres calls year 0 "1 BC" and writes no sign before a year of five digits.
 */
export const timestampOf = (instant: string): string => {
  if (USUAL.test(instant)) return instant;
  const at = new Date(instant);
  const year = at.getUTCFullYear();
  const rest = at.toISOString().slice(-REST_LENGTH);
  const digits = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${digits}${rest}${year > 0 ? '' : ' BC'}`;
};

const BEFORE_CHRIST = /^(\d+)(-.*) BC$/;
/** The calendar repeats itself after so many years. */
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * 86_400_000;

/** Has `read`, which takes 29 February of 1 BC for 1 March, read years before 1 as the same days of a later year. */
export const timestampReader =
  (read: (text: string) => Date): ((text: string) => Date) =>
  (text) => {
    const [, year, rest] = BEFORE_CHRIST.exec(text) ?? [];
    if (year === undefined) return read(text);
    const cycles = Math.ceil(Number(year) / CYCLE_YEARS);
    const later = String(1 - Number(year) + cycles * CYCLE_YEARS).padStart(4, '0');
    return new Date(read(later + rest).getTime() - cycles * CYCLE_MS);
  };
