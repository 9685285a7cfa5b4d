import type { Principal } from '@throughline/service-kit';

/** What a caller is limited to; absent: to nothing. */
export type Limits = Pick<Principal, 'channels' | 'locations'>;
/** What a key is limited to; null: to nothing. */
export type LimitsOfKey = Readonly<Record<keyof Limits, readonly string[] | null>>;

/** The part of a key's limits that goes beyond the caller's: everything where the key is not limited at all. */
export const beyondOwn = (
  own: readonly string[] | undefined,
  granted: readonly string[] | null,
): readonly string[] => {
  if (own === undefined) return [];
  return granted === null ? ['all'] : granted.filter((one) => !own.includes(one));
};

/** Whether a key allows nothing that lies beyond the caller's limits. */
export const isWithin = (own: Limits, key: LimitsOfKey): boolean =>
  beyondOwn(own.channels, key.channels).length === 0 &&
  beyondOwn(own.locations, key.locations).length === 0;
