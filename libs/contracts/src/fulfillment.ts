import { Count, Id, ListOf, Nested, OneOf, Optional, Quantity, Text, Time } from './rules.js';
import { Contract } from './message.js';
import { Delivery, LineQuantity } from './order.js';

/**
 * How one line of a fulfillment stands after an event: released = to pick + picked + shorted + cancelled, and
 * picked >= packed >= handed over. `picked` and `packed` fall when goods are put back, so readers take the
 * newest message of a fulfillment, never a maximum.
 */
export class FulfillmentLineProgress {
  @Id() lineId!: string;
  @Id() sku!: string;
  @Quantity() released!: number;
  @Count() picked!: number;
  @Count() packed!: number;
  @Count() handedOver!: number;
  @Count() shorted!: number;
  @Count() cancelled!: number;
}

/** What every fulfillment message tells: whose it is, and how the lines stand that the event touched. */
export class FulfillmentProgress {
  @Id() orderId!: string;
  @Id() fulfillmentId!: string;
  @Id() locationId!: string;
  @Quantity() attempt!: number;
  @Time() at!: string;
  @ListOf(() => FulfillmentLineProgress, { min: 1 }) progress!: FulfillmentLineProgress[];
}

/** The location has the work. */
@Contract('oms.fulfillment')
export class FulfillmentReleased extends FulfillmentProgress {}

@Contract('oms.fulfillment')
export class FulfillmentPicked extends FulfillmentProgress {}

/** `lines`: what this event found missing; it goes back to routing. */
@Contract('oms.fulfillment')
export class FulfillmentShorted extends FulfillmentProgress {
  @Text() reason!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/** The location refuses what it has not packed yet; `lines` go back to routing. */
@Contract('oms.fulfillment')
export class FulfillmentRejected extends FulfillmentProgress {
  @Text() reason!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/** One package is closed; `lines` are its content. */
@Contract('oms.fulfillment')
export class FulfillmentPacked extends FulfillmentProgress {
  @Id() orderNumber!: string;
  @Id() packageId!: string;
  @Optional() @Count() weightGrams!: number | null;
  @Nested(() => Delivery) delivery!: Delivery;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

export const RECEIVERS = ['carrier', 'customer'] as const;
export type Receiver = (typeof RECEIVERS)[number];

/** Packages left the location; `lines` are what this hand-over contained. */
@Contract('oms.fulfillment')
export class FulfillmentHandedOver extends FulfillmentProgress {
  @OneOf(RECEIVERS) receiver!: Receiver;
  @ListOf(() => HandedOverPackage, { min: 1, max: 200 }) packages!: HandedOverPackage[];
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

export class HandedOverPackage {
  @Id() packageId!: string;
  @Optional() @Id() shipmentId!: string | null;
}

/** A recall was granted for `lines`; the rest of it, if any, is in `refused`. */
@Contract('oms.fulfillment')
export class FulfillmentRecalled extends FulfillmentProgress {
  @Id() recallId!: string;
  @ListOf(() => LineQuantity) lines!: LineQuantity[];
  @ListOf(() => LineQuantity) refused!: LineQuantity[];
  /** Packages that had to be opened; the labels on them are void. */
  @Optional() @ListOf(() => HandedOverPackage, { max: 200 }) reopened?: HandedOverPackage[] | null;
}
