import { DELIVERY_SERVICES, derivedId, isDeliveryService } from '@throughline/kernel';
import type { Doubt, Hold } from './order.js';
import type { PlacedOrder } from './placed-order.js';
import { differenceOf, type PlacedAmounts } from './placement-amounts.js';
import { needsPostalCode } from './postal-code.js';

/** The hold of an unknown service, so that what ends it can find it. */
export const mappingHoldId = (orderId: string): string => derivedId(orderId, 'hold', 'mapping');
export const addressHoldId = (orderId: string): string => derivedId(orderId, 'hold', 'address');

/** The holds that an order starts with: what is for a person to judge. */
export const initialHolds = (
  order: PlacedOrder,
  amounts: PlacedAmounts,
  doubts: readonly Doubt[],
): Hold[] => {
  const holds: Hold[] = [];
  const hold = (kind: Hold['kind'], reason: string, holdId: string) =>
    holds.push({ holdId, kind, reason, at: order.acceptedAt });
  const { orderId, currency } = order;
  if (amounts.totalMinor !== amounts.computedMinor)
    hold('review', differenceOf(amounts, currency), derivedId(orderId, 'hold', 'review'));
  if (doubts.includes('placed-ahead'))
    hold('review', placedAhead(order), derivedId(orderId, 'hold', 'placed-ahead'));
  const unknown = unknownService(order);
  if (unknown) hold('mapping', unknown, mappingHoldId(orderId));
  const fault = addressFault(order, doubts);
  if (fault) hold('address', fault, addressHoldId(orderId));
  return holds;
};

const placedAhead = ({ placedAt, acceptedAt }: PlacedOrder): string =>
  `placedAt ${placedAt} is more than a day after the order came in, at ${acceptedAt}`;

/** A parcel would silently go as standard. What is handed over in person needs no service. */
const unknownService = ({ fulfillment }: Destination): string | undefined =>
  fulfillment.method !== 'ship' || isDeliveryService(fulfillment.service)
    ? undefined
    : `fulfillment.service ${fulfillment.service} is none of ${DELIVERY_SERVICES.join(', ')}`;

export type Destination = Pick<PlacedOrder, 'shipTo' | 'fulfillment'>;

/**
 * The field without which the order cannot be sent to where it should go; undefined when all is
 * there.
 */
export const missingInAddress = ({ shipTo, fulfillment }: Destination): string | undefined => {
  if (fulfillment.method !== 'ship') return undefined;
  if (!shipTo) return 'shipTo';
  if (!shipTo.country) return 'shipTo.country';
  if (shipTo.postalCode || shipTo.verified) return undefined;
  return needsPostalCode(shipTo.country) ? 'shipTo.postalCode' : undefined;
};

/** Reasons of an address's hold that words cannot end: the goods have nowhere to go. */
export const NOWHERE_TO_GO: readonly string[] = ['shipTo is missing', 'shipTo.country is missing'];

/** Why the address needs a person, by its field; undefined where it does not. */
export const addressFault = (
  destination: Destination,
  doubts: readonly Doubt[],
): string | undefined => {
  const missing = missingInAddress(destination);
  if (missing !== undefined) return `${missing} is missing`;
  const { shipTo, fulfillment } = destination;
  if (!doubts.includes('malformed-postal-code') || fulfillment.method !== 'ship') return undefined;
  if (!shipTo?.postalCode || shipTo.verified) return undefined;
  return `shipTo.postalCode ${shipTo.postalCode} is not of the form that ${shipTo.country} has`;
};
