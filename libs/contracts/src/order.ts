import {
  Amount,
  Attributes,
  Count,
  Country,
  Currency,
  Flag,
  Id,
  Ids,
  LINES_MAX,
  ListOf,
  Minor,
  Nested,
  Note,
  OneOf,
  Optional,
  Quantity,
  Text,
  Texts,
  Time,
} from './rules.js';
import { Contract } from './message.js';

export const CUSTOMER_TYPES = ['consumer', 'business'] as const;
export const PAYMENT_METHODS = [
  'card',
  'wallet',
  'bank',
  'cod',
  'invoice',
  'gift-card',
  'store-credit',
  'other',
] as const;
export const PAYMENT_STATUSES = ['pending', 'authorized', 'paid', 'failed'] as const;
export const FULFILLMENT_METHODS = ['ship', 'pickup', 'counter'] as const;

export type CustomerType = (typeof CUSTOMER_TYPES)[number];
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];
export type FulfillmentMethod = (typeof FULFILLMENT_METHODS)[number];

// ---- The canonical order: body of `POST /v1/orders` and payload of `oms.channel-order`.

export class OrderPerson {
  @Optional() @Text() name?: string | null;
  @Optional() @Text() email?: string | null;
  @Optional() @Text(50) phone?: string | null;
}

export class OrderCustomer {
  @Optional() @Id() id?: string | null;
  @Optional() @OneOf(CUSTOMER_TYPES) type?: CustomerType | null;
  @Optional() @Nested(() => OrderPerson) personal?: OrderPerson | null;
}

export class OrderAddressPerson {
  @Optional() @Text() name?: string | null;
  @Optional() @Text(50) phone?: string | null;
  @Optional() @Texts(10) lines?: string[] | null;
}

export class OrderAddress {
  @Optional() @Nested(() => OrderAddressPerson) personal?: OrderAddressPerson | null;
  @Optional() @Text() city?: string | null;
  @Optional() @Text() region?: string | null;
  @Optional() @Text(20) postalCode?: string | null;
  @Optional() @Country() country?: string | null;
  @Optional() @Flag() verified?: boolean | null;
}

export class OrderFulfillment {
  @OneOf(FULFILLMENT_METHODS) method!: FulfillmentMethod;
  @Optional() @Text(50) service?: string | null;
  @Optional() @Id() locationId?: string | null;
  @Optional() @Time() promisedBy?: string | null;
  @Optional() @Time() notBefore?: string | null;
}

export class OrderPayment {
  @OneOf(PAYMENT_METHODS) method!: PaymentMethod;
  @OneOf(PAYMENT_STATUSES) status!: PaymentStatus;
  @Amount() amount!: string;
  @Optional() @Text() reference?: string | null;
}

export class OrderLine {
  @Id() lineId!: string;
  @Id() sku!: string;
  @Optional() @Text() name?: string | null;
  @Quantity() quantity!: number;
  @Amount() unitPrice!: string;
  @Optional() @Amount() discount?: string | null;
  @Optional() @Amount() tax?: string | null;
  @Optional() @Id() reservationId?: string | null;
  @Optional() @Attributes() attributes?: Record<string, unknown> | null;
}

export class OrderShipping {
  @Amount() price!: string;
  @Optional() @Amount() tax?: string | null;
}

export class OrderDiscount {
  @Amount() amount!: string;
  @Optional() @Text() code?: string | null;
  @Optional() @Text() description?: string | null;
}

/** An order as every channel states it; amounts are decimal strings in the order's currency. */
export class CanonicalOrder {
  @Id() channel!: string;
  @Id() externalId!: string;
  @Time() placedAt!: string;
  @Currency() currency!: string;
  @Optional() @Flag() taxIncluded?: boolean | null;
  @Optional() @Nested(() => OrderCustomer) customer?: OrderCustomer | null;
  @Optional() @Nested(() => OrderAddress) shipTo?: OrderAddress | null;
  @Optional() @Nested(() => OrderAddress) billTo?: OrderAddress | null;
  @Optional() @Nested(() => OrderFulfillment) fulfillment?: OrderFulfillment | null;
  @Optional() @ListOf(() => OrderPayment, { max: 20 }) payments?: OrderPayment[] | null;
  @ListOf(() => OrderLine, { min: 1, max: LINES_MAX }) lines!: OrderLine[];
  @Optional() @Nested(() => OrderShipping) shipping?: OrderShipping | null;
  @Optional() @ListOf(() => OrderDiscount, { max: 50 }) discounts?: OrderDiscount[] | null;
  @Amount() total!: string;
  @Optional() @Id() purchaseOrder?: string | null;
  @Optional() @Note(2_000) notes?: string | null;
  @Optional() @Texts() tags?: string[] | null;
  @Optional() @Attributes() attributes?: Record<string, unknown> | null;
}

// ---- Parts that messages of several services share.

export class AddressPersonal {
  @Id() subjectId!: string;
  @Optional() @Text() name?: string | null;
  @Optional() @Text(50) phone?: string | null;
  @Texts(10) lines!: string[];
}

export class PostalAddress {
  @Nested(() => AddressPersonal) personal!: AddressPersonal;
  @Optional() @Text() city!: string | null;
  @Optional() @Text() region!: string | null;
  @Optional() @Text(20) postalCode!: string | null;
  @Country() country!: string;
}

/** How the customer gets the goods. `shipTo` is null where they are handed over at `locationId`. */
export class Delivery {
  @OneOf(FULFILLMENT_METHODS) method!: FulfillmentMethod;
  @Text(50) service!: string;
  @Optional() @Id() locationId!: string | null;
  @Optional() @Time() promisedBy!: string | null;
  /** Locations get the work then and not before; at once where it is absent. */
  @Optional() @Time() notBefore?: string | null;
  @Optional() @Nested(() => PostalAddress) shipTo!: PostalAddress | null;
}

export class LineQuantity {
  @Id() lineId!: string;
  @Id() sku!: string;
  @Quantity() quantity!: number;
}

// ---- Messages of order-capture, keyed by order id.

export class PlacedPayment {
  @OneOf(PAYMENT_METHODS) method!: PaymentMethod;
  @OneOf(PAYMENT_STATUSES) status!: PaymentStatus;
  @Minor() amountMinor!: number;
  @Optional() @Text() reference!: string | null;
}

/** `valueMinor` is the line's share of the order's total; the shares of all lines add up to it exactly. */
export class PlacedLine extends LineQuantity {
  @Optional() @Text() name!: string | null;
  @Minor() valueMinor!: number;
}

@Contract('oms.order')
export class OrderPlaced {
  @Id() orderId!: string;
  @Id() orderNumber!: string;
  @Id() channel!: string;
  @Id() externalId!: string;
  @Time() placedAt!: string;
  @Time() acceptedAt!: string;
  @Currency() currency!: string;
  @Minor() totalMinor!: number;
  @Optional() @Id() customerId!: string | null;
  @ListOf(() => PlacedPayment, { max: 20 }) payments!: PlacedPayment[];
  @ListOf(() => PlacedLine, { min: 1 }) lines!: PlacedLine[];
}

/** `reservationId`: the checkout's hold that stands behind the line. */
export class ApprovedLine extends LineQuantity {
  @Optional() @Id() reservationId?: string | null;
}

/** Nothing stands against the order any more: source these quantities. */
@Contract('oms.order')
export class OrderApproved {
  @Id() orderId!: string;
  @Id() orderNumber!: string;
  @Time() acceptedAt!: string;
  /** Higher goes first in queues; 0 is ordinary. */
  @Count() priority!: number;
  /** Whose share of the stock it takes from; absent in what was told before channels had shares. */
  @Optional() @Id() channel?: string | null;
  /** Its lines may take over holds that were made for this channel alone; absent: any that they name. */
  @Optional() @Id() holdsOfChannel?: string | null;
  @Nested(() => Delivery) delivery!: Delivery;
  @ListOf(() => ApprovedLine, { min: 1 }) lines!: ApprovedLine[];
}

/** Quantities (of this request alone) that the customer no longer wants. */
@Contract('oms.order')
export class OrderCancellationRequested {
  @Id() orderId!: string;
  @Id() cancellationId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/**
 * Quantities that are now finally cancelled (of this event alone). `reservationIds` are the checkout's holds that no line
 * wants any more, of an order that routing has not been given: nothing else will take them over or give them back.
 */
@Contract('oms.order')
export class OrderLinesCancelled {
  @Id() orderId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
  @Optional() @Ids() reservationIds?: string[] | null;
  /** Of these, only holds that were made for this channel; absent: all. */
  @Optional() @Id() holdsOfChannel?: string | null;
}

/** Work of a location that was told of, and what it still has to do. */
export class NamedWork {
  @Id() fulfillmentId!: string;
  @Id() locationId!: string;
  @Quantity() attempt!: number;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

/**
 * Something was told of an order that order-capture never gave out: it does not exist, or is not approved. Routing takes
 * back all that it has of it, and asks for the work that is named here.
 */
@Contract('oms.order')
export class OrderDisowned {
  @Id() orderId!: string;
  @Id() disownId!: string;
  @ListOf(() => NamedWork) work!: NamedWork[];
}

/** Every line is reserved or explicitly backordered. */
@Contract('oms.order')
export class OrderConfirmed {
  @Id() orderId!: string;
  @Time() confirmedAt!: string;
}

/**
 * A person asks for the open and waiting units of an order to be sourced once more: what barred a location before does not
 * bar it now. `delivery` replaces how the customer gets what is not handed over; `again` are units on top of the approved
 * ones, sent a second time because the first parcel was lost.
 */
@Contract('oms.order')
export class SourcingRequested {
  @Id() orderId!: string;
  @Id() requestId!: string;
  @Optional() @Nested(() => Delivery) delivery?: Delivery | null;
  @ListOf(() => LineQuantity) again!: LineQuantity[];
  /** The parcel in which they were lost: should it turn up, nothing is given back for it. */
  @Optional() @Id() shipmentId?: string | null;
}

/** Units that a carrier lost and that are not sent again: their value is given back to the customer. */
@Contract('oms.order')
export class LossSettled {
  @Id() orderId!: string;
  @Id() settlementId!: string;
  @Id() shipmentId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}
