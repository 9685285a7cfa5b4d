import { codecOf } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';

/** Category of the streams `availability-<batch id>`: one event for all that a ledger batch changed. */
export const AVAILABILITY_CATEGORY = 'availability';

/** One shelf, as a tuple because a batch changes up to some thousands of them. */
export type ShelfChange = readonly [
  sku: string,
  locationId: string,
  available: number,
  version: number,
];
export type AvailabilityEvent = Message<
  'AvailabilityChanged',
  { readonly shelves: readonly ShelfChange[] }
>;

export const availabilityCodec = codecOf<AvailabilityEvent>({
  AvailabilityChanged: { version: 1 },
});
