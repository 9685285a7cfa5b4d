import { codecOf } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';

/** Category of the streams `shelf-<location id>/<sku>`: how a shelf is kept. */
export const SHELF_CATEGORY = 'shelf';

export type ShelfEvent = Message<
  'SafetyStockChanged',
  { readonly sku: string; readonly locationId: string; readonly safetyStock: number }
>;

export const shelfCodec = codecOf<ShelfEvent>({ SafetyStockChanged: { version: 1 } });
