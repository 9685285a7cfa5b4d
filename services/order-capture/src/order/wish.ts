import type { LineQuantity } from '@throughline/contracts';
import type { LineWish } from './domain/order.js';

/** A line and a quantity without the SKU, which the order's own lines name. */
export const wishOf = ({ lineId, quantity }: LineQuantity): LineWish => ({ lineId, quantity });
