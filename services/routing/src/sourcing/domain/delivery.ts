import type { Address } from '@throughline/kernel';

/** How the customer gets the goods. `shipTo` is null where they are handed over at `locationId`. */
export type Delivery = {
  readonly method: 'ship' | 'pickup' | 'counter';
  readonly service: string;
  readonly locationId: string | null;
  readonly promisedBy: string | null;
  /** Locations get the work then (ISO 8601, UTC); absent: at once. Stock is reserved at once all the same. */
  readonly notBefore?: string;
  readonly shipTo: Address | null;
};
