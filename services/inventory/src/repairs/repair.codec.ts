import { codecOf } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';

/** Category of the streams `repair-<sku>`: what of the ledger was put right on request, and why. */
export const REPAIR_CATEGORY = 'repair';

export type RepairEvent = Message<
  'LedgerRepaired',
  {
    readonly name: string;
    readonly check: string;
    readonly sku: string;
    readonly locationId: string | null;
    readonly explanation: string;
    readonly proposal: string;
    readonly reason: string;
  }
>;

export const repairCodec = codecOf<RepairEvent>({ LedgerRepaired: { version: 1 } });
