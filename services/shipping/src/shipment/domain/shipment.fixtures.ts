import type { Address } from '@throughline/kernel';
import type {
  CreateShipment,
  Milestone,
  Parcel,
  ShipmentCommand,
  ShipmentEvent,
  TrackingEvent,
  TrackingStatus,
} from './shipment.js';

type Event<Type extends ShipmentEvent['type']> = Extract<ShipmentEvent, { readonly type: Type }>;

export const address: Address = {
  personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
  city: 'London',
  region: null,
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};

const content = {
  shipmentId: 'shipment-1',
  orderId: 'order-1',
  fulfillmentId: 'f-1',
  packageId: 'box-1',
  locationId: 'shop-1',
  lines: [{ lineId: '1', sku: 'HEART', quantity: 3 }],
};

export const parcel: Parcel = {
  ...content,
  carrier: 'throughline-post',
  trackingNumber: 'TL212703360702217739',
};

export const create = (
  data: Partial<CreateShipment> = {},
): Extract<ShipmentCommand, { readonly type: 'CreateShipment' }> => ({
  type: 'CreateShipment',
  data: {
    ...content,
    orderNumber: 'A-1',
    service: 'standard',
    shipTo: address,
    weightGrams: 850,
    ...data,
  },
});

export const labelled: Event<'ShipmentLabelled'> = {
  type: 'ShipmentLabelled',
  data: {
    ...parcel,
    orderNumber: 'A-1',
    service: 'standard',
    shipTo: address,
    weightGrams: 850,
    quotes: [{ carrier: 'throughline-post', service: 'standard', costMinor: 500, currency: 'EUR' }],
  },
};

/** `at(9)` is nine o'clock. */
export const at = (hour: number): string =>
  `2026-11-02T${hour.toString().padStart(2, '0')}:00:00.000Z`;

export const handOver = (hour: number): ShipmentCommand => ({
  type: 'HandOver',
  data: { at: at(hour) },
});

export const handedOver = (hour: number): Event<'ShipmentHandedOver'> => ({
  type: 'ShipmentHandedOver',
  data: { at: at(hour) },
});

export const voidLabel = (hour: number): ShipmentCommand => ({
  type: 'VoidShipment',
  data: { at: at(hour) },
});

export const voided = (hour: number): Event<'ShipmentVoided'> => ({
  type: 'ShipmentVoided',
  data: { ...parcel, at: at(hour) },
});

const trackingEvent = (
  eventId: string,
  status: TrackingStatus,
  hour: number,
  reason: string | null,
): TrackingEvent => ({ eventId, status, at: at(hour), reason });

export const track = (
  eventId: string,
  status: TrackingStatus,
  hour: number,
  reason: string | null = null,
): Extract<ShipmentCommand, { readonly type: 'RecordTracking' }> => ({
  type: 'RecordTracking',
  data: trackingEvent(eventId, status, hour, reason),
});

export const tracked = (
  eventId: string,
  status: TrackingStatus,
  hour: number,
  reason: string | null = null,
): Event<'TrackingRecorded'> => ({
  type: 'TrackingRecorded',
  data: trackingEvent(eventId, status, hour, reason),
});

export const reportEarly = (hour: number): ShipmentCommand => ({
  type: 'ReportTrackedEarly',
  data: { at: at(hour) },
});

export const trackedEarly = (hour: number): Event<'ShipmentTrackedEarly'> => ({
  type: 'ShipmentTrackedEarly',
  data: { ...parcel, at: at(hour) },
});

export const reached = (
  milestone: Milestone,
  hour: number,
  reason: string | null = null,
): Event<'MilestoneReached'> => ({
  type: 'MilestoneReached',
  data: { ...parcel, milestone, at: at(hour), reason },
});
