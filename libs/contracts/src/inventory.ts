import {
  Count,
  Country,
  Decimal,
  Flag,
  Id,
  Ids,
  ListOf,
  Nested,
  OneOf,
  Optional,
  Quantity,
  Text,
  Time,
  Whole,
} from './rules.js';
import { Contract } from './message.js';
import { LineQuantity } from './order.js';
import { Allocation, BackorderedLine } from './sourcing.js';

export const LOCATION_TYPES = [
  'warehouse',
  'store',
  'dark-store',
  'fulfillment-center',
  'supplier',
  '3pl',
  'marketplace',
] as const;
export type LocationType = (typeof LOCATION_TYPES)[number];

/** Attempt n holds: what was reserved, and all of this order that now waits in the queue. */
@Contract('oms.reservation')
export class StockReserved {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @ListOf(() => Allocation) allocations!: Allocation[];
  @ListOf(() => BackorderedLine) backordered!: BackorderedLine[];
}

export class StockShortage {
  @Id() sku!: string;
  @Id() locationId!: string;
  @Count() requested!: number;
  @Count() available!: number;
}

/** What a checkout's hold really has of a SKU: nothing, at no location, where it is gone. */
export class HeldStock {
  @Id() reservationId!: string;
  @Id() sku!: string;
  @Optional() @Id() locationId!: string | null;
  @Count() quantity!: number;
}

/**
 * Attempt n does not fit what is really there; nothing was reserved. `holds` says what the holds that it
 * named have, where one of them has less; `unknownSkus` what no catalogue lists.
 */
@Contract('oms.reservation')
export class StockRefused {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @ListOf(() => StockShortage) shortages!: StockShortage[];
  @Optional() @ListOf(() => HeldStock) holds?: HeldStock[] | null;
  @Optional() @Ids() unknownSkus?: string[] | null;
}

/** Stock came in and is earmarked for this order's backorder until `expiresAt`. */
@Contract('oms.reservation')
export class StockOffered {
  @Id() orderId!: string;
  @Id() offerId!: string;
  @Id() locationId!: string;
  @Time() expiresAt!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/** A fact (count, damage) left less than was reserved: these reservations are gone. */
@Contract('oms.reservation')
export class ReservationRevoked {
  @Id() orderId!: string;
  @Quantity() attempt!: number;
  @Id() locationId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/** Supply moved: what this order waits for is expected at other times than it was told before. */
@Contract('oms.reservation')
export class BackorderPromiseMoved {
  @Id() orderId!: string;
  @ListOf(() => BackorderedLine, { min: 1 }) lines!: BackorderedLine[];
}

/** State: what a location can promise of a SKU now. The highest version per SKU and location wins. */
@Contract('oms.availability')
export class AvailabilityChanged {
  @Id() sku!: string;
  @Id() locationId!: string;
  @Whole() available!: number;
  @Count() version!: number;
}

export const BUFFER_STATES = ['below', 'recovered'] as const;
export type BufferState = (typeof BUFFER_STATES)[number];

/** What is free on a shelf fell to its safety stock, or rose above it again. Told once per crossing. */
@Contract('oms.availability')
export class BufferCrossed {
  @Id() sku!: string;
  @Id() locationId!: string;
  @OneOf(BUFFER_STATES) state!: BufferState;
  @Whole() free!: number;
  @Count() safetyStock!: number;
  @Count() version!: number;
}

export const LISTING_STATES = ['in-stock', 'out-of-stock'] as const;
export type ListingState = (typeof LISTING_STATES)[number];

/** State: what a channel may sell of a SKU that it lists. The highest version per channel and SKU wins. */
@Contract('oms.availability')
export class ListingAvailabilityChanged {
  @Id() channel!: string;
  @Id() sku!: string;
  @OneOf(LISTING_STATES) state!: ListingState;
  @Count() available!: number;
  @Count() version!: number;
}

export class Coordinates {
  @Decimal(-90, 90) lat!: number;
  @Decimal(-180, 180) lng!: number;
}

/** State: a location as others need to know it. The highest version wins. */
@Contract('oms.catalog')
export class LocationChanged {
  @Id() locationId!: string;
  @Count() version!: number;
  @OneOf(LOCATION_TYPES) locationType!: LocationType;
  @Text() name!: string;
  @Country() country!: string;
  @Optional() @Text(20) postalCode!: string | null;
  @Optional() @Nested(() => Coordinates) geo!: Coordinates | null;
  @Flag() active!: boolean;
  /** Where it exists for a time only, such as a pop-up store: it takes part from one instant to the other. */
  @Optional() @Time() activeFrom?: string | null;
  @Optional() @Time() activeTo?: string | null;
  /** Who did it, where that is known: the name of a key or of a token's holder, and its id. */
  @Optional() @Text() changedBy?: string | null;
  @Optional() @Id() changedById?: string | null;
}

/** State: an item as others need to know it. The highest version wins. */
@Contract('oms.catalog')
export class ItemChanged {
  @Id() sku!: string;
  @Count() version!: number;
  @Text() name!: string;
  @Optional() @Count() weightGrams!: number | null;
  /** Who did it, where that is known: the name of a key or of a token's holder, and its id. */
  @Optional() @Text() changedBy?: string | null;
  @Optional() @Id() changedById?: string | null;
}

/** A difference in the ledger of stock was put right, on request: what it was, what was done, and why. */
@Contract('oms.catalog')
export class LedgerRepaired {
  /** As it was proposed. */
  @Id(1_000) name!: string;
  /** What found it. */
  @Id() check!: string;
  @Id() sku!: string;
  @Optional() @Id() locationId!: string | null;
  @Text(1_000) explanation!: string;
  @Text(1_000) proposal!: string;
  @Text() reason!: string;
  /** Who did it, where that is known: the name of a key or of a token's holder, and its id. */
  @Optional() @Text() changedBy?: string | null;
  @Optional() @Id() changedById?: string | null;
}

/** So many units of a shelf are never promised from now on. */
@Contract('oms.catalog')
export class SafetyStockChanged {
  @Id() sku!: string;
  @Id() locationId!: string;
  @Count() safetyStock!: number;
  /** Who did it, where that is known: the name of a key or of a token's holder, and its id. */
  @Optional() @Text() changedBy?: string | null;
  @Optional() @Id() changedById?: string | null;
}
