import type { Location } from './catalog.codec.js';

type Times = Pick<Location, 'active' | 'activeFrom' | 'activeTo'>;

const instantOf = (time: string | null | undefined, otherwise: number): number =>
  time ? Date.parse(time) : otherwise;

/** Whether a location takes part at that instant: it is active, and its time has come and is not over. */
export const isOpenAt = ({ active, activeFrom, activeTo }: Times, at: string): boolean => {
  const now = Date.parse(at);
  return active && instantOf(activeFrom, -Infinity) <= now && now < instantOf(activeTo, Infinity);
};

/** The next instant after this one at which a location begins or ceases to take part; null where none comes. */
export const turnsAfter = ({ active, activeFrom, activeTo }: Times, at: string): string | null => {
  if (!active) return null;
  const now = Date.parse(at);
  return [activeFrom, activeTo].find((time) => instantOf(time, -Infinity) > now) ?? null;
};
