import { createHash } from 'node:crypto';
import type {
  CanonicalOrder,
  OrderAddress,
  OrderCustomer,
  OrderDiscount,
  OrderFulfillment,
  OrderLine,
  OrderPayment,
  OrderShipping,
} from '@throughline/contracts';
import { contentHash } from '@throughline/kernel';

/** Names every field, so that one added to the contract does not compile until it counts here. */
type Every<Stated> = { readonly [Field in keyof Required<Stated>]: unknown };
type Maybe<Value> = Value | null | undefined;

const NO_ATTRIBUTES = contentHash({});

/**
 * SHA-256 in hex of what an order says: equal exactly where `contentHash` would be, whatever the order
 * of its fields, null or left out. It is on the way of every order and a long one has thousands of
 * lines, so fields are put in one fixed order here instead of being sorted.
 */
export const orderContentHash = (order: CanonicalOrder): string =>
  createHash('sha256')
    .update(JSON.stringify(contentOf(order)))
    .digest('hex');

const contentOf = (order: CanonicalOrder): Every<CanonicalOrder> => ({
  channel: order.channel,
  externalId: order.externalId,
  placedAt: order.placedAt,
  currency: order.currency,
  taxIncluded: order.taxIncluded ?? undefined,
  customer: order.customer ? customerOf(order.customer) : undefined,
  shipTo: order.shipTo ? addressOf(order.shipTo) : undefined,
  billTo: order.billTo ? addressOf(order.billTo) : undefined,
  fulfillment: order.fulfillment ? fulfillmentOf(order.fulfillment) : undefined,
  payments: order.payments?.map(paymentOf),
  lines: order.lines.map(lineOf),
  shipping: order.shipping ? shippingOf(order.shipping) : undefined,
  discounts: order.discounts?.map(discountOf),
  total: order.total,
  purchaseOrder: order.purchaseOrder ?? undefined,
  notes: order.notes ?? undefined,
  tags: order.tags ?? undefined,
  attributes: attributesOf(order.attributes),
});

const customerOf = ({ id, type, personal }: OrderCustomer): Every<OrderCustomer> => ({
  id: id ?? undefined,
  type: type ?? undefined,
  personal: personal
    ? {
        name: personal.name ?? undefined,
        email: personal.email ?? undefined,
        phone: personal.phone ?? undefined,
      }
    : undefined,
});

const addressOf = ({ personal, ...place }: OrderAddress): Every<OrderAddress> => ({
  personal: personal
    ? {
        name: personal.name ?? undefined,
        phone: personal.phone ?? undefined,
        lines: personal.lines ?? undefined,
      }
    : undefined,
  city: place.city ?? undefined,
  region: place.region ?? undefined,
  postalCode: place.postalCode ?? undefined,
  country: place.country ?? undefined,
  verified: place.verified ?? undefined,
});

const fulfillmentOf = (fulfillment: OrderFulfillment): Every<OrderFulfillment> => ({
  method: fulfillment.method,
  service: fulfillment.service ?? undefined,
  locationId: fulfillment.locationId ?? undefined,
  promisedBy: fulfillment.promisedBy ?? undefined,
  notBefore: fulfillment.notBefore ?? undefined,
});

const paymentOf = (payment: OrderPayment): Every<OrderPayment> => ({
  method: payment.method,
  status: payment.status,
  amount: payment.amount,
  reference: payment.reference ?? undefined,
});

const lineOf = (line: OrderLine): Every<OrderLine> => ({
  lineId: line.lineId,
  sku: line.sku,
  name: line.name ?? undefined,
  quantity: line.quantity,
  unitPrice: line.unitPrice,
  discount: line.discount ?? undefined,
  tax: line.tax ?? undefined,
  reservationId: line.reservationId ?? undefined,
  attributes: attributesOf(line.attributes),
});

const shippingOf = ({ price, tax }: OrderShipping): Every<OrderShipping> => ({
  price,
  tax: tax ?? undefined,
});

const discountOf = (discount: OrderDiscount): Every<OrderDiscount> => ({
  amount: discount.amount,
  code: discount.code ?? undefined,
  description: discount.description ?? undefined,
});

/** Attributes may hold anything, so they must be sorted; commonly there are none. */
const attributesOf = (attributes: Maybe<Record<string, unknown>>): string | undefined => {
  if (!attributes) return undefined;
  return Object.keys(attributes).length > 0 ? contentHash(attributes) : NO_ATTRIBUTES;
};
