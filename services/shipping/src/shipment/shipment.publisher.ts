import {
  ShipmentDelivered,
  ShipmentDeliveryFailed,
  ShipmentInTransit,
  ShipmentLabelled,
  ShipmentLost,
  ShipmentReturnedToOrigin,
  ShipmentTrackedEarly,
  ShipmentVoided,
  type ShipmentFact,
} from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { assertNever } from '@throughline/kernel';
import { publish, publisher, type Published } from '@throughline/messaging';
import type { Milestone, Parcel, ShipmentEvent } from './domain/shipment.js';
import { shipmentCodec } from './shipment.codec.js';
import { CATEGORY } from './shipment-handler.js';

const REASON_UNKNOWN = 'not stated';

const factOf = (parcel: Parcel, at: string): ShipmentFact => ({
  orderId: parcel.orderId,
  shipmentId: parcel.shipmentId,
  fulfillmentId: parcel.fulfillmentId,
  packageId: parcel.packageId,
  locationId: parcel.locationId,
  at,
  carrier: parcel.carrier,
  trackingNumber: parcel.trackingNumber,
  lines: [...parcel.lines],
});

const reached = (milestone: Milestone, fact: ShipmentFact, reason: string | null): Published => {
  switch (milestone) {
    case 'in-transit':
      return publish(ShipmentInTransit, fact.orderId, fact);
    case 'delivery-failed': {
      const failed = { ...fact, reason: reason ?? REASON_UNKNOWN };
      return publish(ShipmentDeliveryFailed, fact.orderId, failed);
    }
    case 'delivered':
      return publish(ShipmentDelivered, fact.orderId, fact);
    case 'returned-to-origin':
      return publish(ShipmentReturnedToOrigin, fact.orderId, fact);
    case 'lost':
      return publish(ShipmentLost, fact.orderId, fact);
    default:
      return assertNever(milestone);
  }
};

const messagesOf = (
  { type, data }: ShipmentEvent,
  { metadata }: RecordedEvent,
): readonly Published[] => {
  switch (type) {
    case 'ShipmentLabelled':
      return [publish(ShipmentLabelled, data.orderId, factOf(data, metadata.at))];
    case 'MilestoneReached':
      return [reached(data.milestone, factOf(data, data.at), data.reason)];
    case 'ShipmentVoided':
      return [publish(ShipmentVoided, data.orderId, factOf(data, data.at))];
    case 'ShipmentTrackedEarly':
      return [publish(ShipmentTrackedEarly, data.orderId, factOf(data, data.at))];
    case 'ShipmentHandedOver':
    case 'TrackingRecorded':
      return [];
    default:
      return assertNever(type);
  }
};

/** What the world hears of a shipment: its label, that it is void, and each milestone, once. */
export const shipmentPublisher = publisher({
  service: 'shipping',
  topic: 'oms.shipment',
  category: CATEGORY,
  codec: shipmentCodec,
  map: messagesOf,
});
