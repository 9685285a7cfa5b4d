/** The first and the last instant that a way in takes: every year of four digits, as Postgres and JSON have them alike. */
export const EARLIEST_INSTANT = '0001-01-01T00:00:00.000Z';
export const LATEST_INSTANT = '9999-12-31T23:59:59.999Z';
const EARLIEST_MS = Date.parse(EARLIEST_INSTANT);
const LATEST_MS = Date.parse(LATEST_INSTANT);

const DAY = '(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const TIME = 'T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$';
const STATED = new RegExp(`^\\d{4}-${DAY}${TIME}`);
const RECORDED = new RegExp(`^(\\d{4}|[+-]\\d{6})-${DAY}${TIME}`);

const FEBRUARY = '02';

/** False for 30 February, which `Date` would take for 2 March. Only few dates need `Date` to tell. */
const isOfCalendar = (text: string): boolean => {
  const date = text.slice(0, text.indexOf('T'));
  const dayOfMonth = Number(date.slice(-2));
  if (dayOfMonth <= 28 || (dayOfMonth <= 30 && date.slice(-5, -3) !== FEBRUARY)) return true;
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
};

/**
 * An ISO 8601 instant with its offset (RFC 3339, without leap seconds) in UTC with milliseconds, so that instants compare
 * as text. `undefined` for what no calendar has and for what lies outside `EARLIEST_INSTANT` to `LATEST_INSTANT`.
 */
export const instantOf = (text: string): string | undefined => {
  if (!STATED.test(text) || !isOfCalendar(text)) return undefined;
  const at = Date.parse(text);
  return at >= EARLIEST_MS && at <= LATEST_MS ? new Date(at).toISOString() : undefined;
};

/** The instant of these milliseconds since 1970; what lies outside the range is its nearest end. */
export const instantAt = (milliseconds: number): string =>
  new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, milliseconds))).toISOString();

/**
 * Whether a text is an instant as logs and messages hold them. Earlier releases took years 0 and 10000 too, and wrote them
 * as `Date` does: `+010000-01-01T13:59:59.000Z`.
 */
export const isRecordedInstant = (text: string): boolean =>
  RECORDED.test(text) &&
  isOfCalendar(text) &&
  // Only years with a sign go beyond what `Date` holds.
  (text >= '0' || !Number.isNaN(Date.parse(text)));
