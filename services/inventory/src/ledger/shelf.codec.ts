import { codecOf } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';

/** Category of the streams `shelf-<location id>/<sku>`: how a shelf is kept, and when little was left on it. */
export const SHELF_CATEGORY = 'shelf';

type Shelf = { readonly sku: string; readonly locationId: string };
export type ShelfEvent =
  | Message<'SafetyStockChanged', Shelf & { readonly safetyStock: number }>
  | Message<
      'BufferCrossed',
      Shelf & {
        readonly state: 'below' | 'recovered';
        readonly free: number;
        readonly safetyStock: number;
        readonly version: number;
      }
    >;

export const shelfCodec = codecOf<ShelfEvent>({
  SafetyStockChanged: { version: 1 },
  BufferCrossed: { version: 1 },
});
