import { codecOf } from '@throughline/event-store';
import type { ShipmentEvent } from './domain/shipment.js';

export const shipmentCodec = codecOf<ShipmentEvent>({
  ShipmentLabelled: { version: 1 },
  ShipmentHandedOver: { version: 1 },
  ShipmentVoided: { version: 1 },
  TrackingRecorded: { version: 1 },
  ShipmentTrackedEarly: { version: 1 },
  MilestoneReached: { version: 1 },
});
