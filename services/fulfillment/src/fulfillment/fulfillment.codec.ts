import { codecOf } from '@throughline/event-store';
import type { FulfillmentEvent } from './domain/fulfillment.js';

export const fulfillmentCodec = codecOf<FulfillmentEvent>({
  FulfillmentReleased: { version: 1 },
  FulfillmentScheduled: { version: 1 },
  ScheduleEnded: { version: 1 },
  WorkAccepted: { version: 1 },
  WorkRejected: { version: 1 },
  ItemsPicked: { version: 1 },
  ItemsShorted: { version: 1 },
  PackageClosed: { version: 1 },
  PackageLabelled: { version: 1 },
  GoodsHandedOver: { version: 1 },
  LinesRecalled: { version: 1 },
});
