import { OneOf, Optional, Pattern, type FieldError } from '@throughline/contracts';
import { DELIVERY_SERVICES } from '@throughline/kernel';

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const HOURS_MAX = 50;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const TIME_WORDS = 'must be a time of day such as 09:30';
const END_OF_DAY = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
/** Names of the tz database; offsets are none, because they do not know of summer time. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+\-/]*$/;

/** Open on that day from one time to the other; past midnight belongs to the next day. */
export class LocationOpeningHours {
  @OneOf(WEEKDAYS) day!: Weekday;
  @Pattern(TIME_OF_DAY, TIME_WORDS) from!: string;
  @Pattern(END_OF_DAY, `${TIME_WORDS}, or 24:00`) to!: string;
}

/** What is ordered by then leaves the same day: on that day, or every day; with that service, or any. */
export class LocationCutOff {
  @Optional() @OneOf(WEEKDAYS) day?: Weekday | null;
  @Pattern(TIME_OF_DAY, TIME_WORDS) time!: string;
  @Optional() @OneOf(DELIVERY_SERVICES) service?: string | null;
}

type Stated = {
  readonly timeZone?: string | null;
  readonly openingHours?: readonly LocationOpeningHours[] | null;
  readonly cutOffs?: readonly LocationCutOff[] | null;
};

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return ZONE.test(name);
  } catch {
    return false;
  }
};

const zoneFaults = ({ timeZone, openingHours, cutOffs }: Stated): FieldError[] => {
  if (timeZone) {
    const message = 'must be a name of the tz database, such as Europe/London';
    return isZone(timeZone) ? [] : [{ field: 'timeZone', code: 'time-zone', message }];
  }
  const hasTimes = (openingHours ?? []).length + (cutOffs ?? []).length > 0;
  const message = 'is required where there are opening hours or cut-offs';
  return hasTimes ? [{ field: 'timeZone', code: 'required', message }] : [];
};

const openingFaults = (hours: readonly LocationOpeningHours[]): FieldError[] =>
  hours.flatMap(({ day, from, to }, index) => {
    if (from >= to)
      return [{ field: `openingHours[${index}].to`, code: 'range', message: 'must be after from' }];
    const overlaps = hours
      .slice(0, index)
      .some((other) => other.day === day && other.from < to && from < other.to);
    const message = 'must not overlap with others of that day';
    return overlaps ? [{ field: `openingHours[${index}]`, code: 'overlap', message }] : [];
  });

const cutOffFaults = (cutOffs: readonly LocationCutOff[]): FieldError[] =>
  cutOffs.flatMap(({ day, service }, index) => {
    const isTwice = cutOffs
      .slice(0, index)
      .some(
        (other) =>
          (other.day ?? null) === (day ?? null) && (other.service ?? null) === (service ?? null),
      );
    const message = 'must be the only one of its day and service';
    return isTwice ? [{ field: `cutOffs[${index}]`, code: 'twice', message }] : [];
  });

/** What the shape of the times of a location cannot tell. */
export const hoursFaults = (stated: Stated): FieldError[] => [
  ...zoneFaults(stated),
  ...openingFaults(stated.openingHours ?? []),
  ...cutOffFaults(stated.cutOffs ?? []),
];
