import { codecOf } from '@throughline/event-store';
import type { ReturnEvent } from './domain/return.js';

/** Stored form of the events of an order's returns. */
export const returnCodec = codecOf<ReturnEvent>({
  GoodsDelivered: { version: 1 },
  ReturnToOriginOpened: { version: 1 },
  ReturnToOriginCovered: { version: 1 },
  ReturnClaimVoided: { version: 1 },
  ParcelWrittenOff: { version: 1 },
  ReturnRequested: { version: 1 },
  ReturnApproved: { version: 1 },
  ReturnReceived: { version: 1 },
  ReturnInspected: { version: 1 },
});
