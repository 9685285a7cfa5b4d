import type { ListingState } from '@throughline/contracts';

/** What a channel lists of its share: at most `quota` units, and never the last `buffer` of a shelf. */
export type Share = { readonly quota: number | null; readonly buffer: number };

export type Listing = Share & {
  readonly channel: string;
  readonly sku: string;
  /** Units promised since the share was set: held, reserved, offered and issued. */
  readonly taken: number;
  /** What the channel can sell now. */
  readonly available: number;
  /** What it was told last; null until it has been told anything. */
  readonly state: ListingState | null;
  readonly version: number;
};
