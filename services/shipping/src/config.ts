import { ConfigError } from '@throughline/service-kit';

/** Names the minutes for which a carrier may report a parcel before its hand-over is missed. */
export const TRACKED_EARLY_AFTER = 'TRACKED_EARLY_AFTER_MINUTES';

/** Longer than a location takes to tell a pick-up that was scanned, short enough to look for the parcel the same day. */
const MINUTES_DEFAULT = 120;
const MINUTES_MAX = 43_200;
const MINUTE_MS = 60_000;

/** How long a parcel may be tracked without a hand-over, in milliseconds. Throws `ConfigError`. */
export const trackedEarlyAfterMs = (
  environment: Readonly<Record<string, string | undefined>>,
): number => {
  const value = environment[TRACKED_EARLY_AFTER]?.trim() || String(MINUTES_DEFAULT);
  const minutes = Number(value);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MINUTES_MAX)
    throw new ConfigError(
      `${TRACKED_EARLY_AFTER} must be a whole number from 1 to ${MINUTES_MAX}, not "${value}"`,
    );
  return minutes * MINUTE_MS;
};
