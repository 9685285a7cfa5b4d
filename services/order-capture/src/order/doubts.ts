import type { OrderAddress } from '@throughline/contracts';
import { isPostalCode } from '@throughline/geo';
import type { Doubt } from './domain/order.js';
import type { OrderRequest } from './domain/placed-order.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** An address that the channel has verified is believed. */
export const addressDoubts = ({ country, postalCode, verified }: OrderAddress): Doubt[] =>
  country && postalCode?.trim() && !verified && !isPostalCode(country, postalCode)
    ? ['malformed-postal-code']
    : [];

/** What is known against an order that comes in at `acceptedAt`; commonly nothing. */
export const doubtsAbout = (
  { placedAt, shipTo }: Pick<OrderRequest, 'placedAt' | 'shipTo'>,
  acceptedAt: string,
): Doubt[] => {
  const doubts = shipTo ? addressDoubts(shipTo as OrderAddress) : [];
  // Both are UTC and compare as texts; what lies ahead at all is rare.
  if (placedAt > acceptedAt && Date.parse(placedAt) > Date.parse(acceptedAt) + DAY_MS)
    doubts.push('placed-ahead');
  return doubts;
};
