import type { Address, Message } from '@throughline/kernel';
import type { Quote } from './rates.js';

/** Most tracking events of one shipment; a carrier that sends more is sending something else. */
export const TRACKING_EVENTS_MAX = 1_000;

/** What a carrier may report, in the order in which it would happen at one instant. */
export const TRACKING_STATUSES = [
  'in-transit',
  'out-for-delivery',
  'delivery-failed',
  'lost',
  'delivered',
  'returned-to-origin',
] as const;
export type TrackingStatus = (typeof TRACKING_STATUSES)[number];

export const SHIPMENT_STATUSES = ['labelled', ...TRACKING_STATUSES, 'voided'] as const;
export type ShipmentStatus = (typeof SHIPMENT_STATUSES)[number];

/** What others hear of, once each. */
export type Milestone = Exclude<TrackingStatus, 'out-for-delivery'>;

export type LineQuantity = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
};

/** One package of one fulfillment, on its way under a tracking number. */
export type Parcel = {
  readonly shipmentId: string;
  readonly orderId: string;
  readonly fulfillmentId: string;
  readonly packageId: string;
  readonly locationId: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly lines: readonly LineQuantity[];
};

/** `service` is what the order asks for; the carrier's own service is chosen from the rates. */
export type CreateShipment = Omit<Parcel, 'carrier' | 'trackingNumber'> & {
  readonly orderNumber: string;
  readonly service: string;
  readonly shipTo: Address;
  readonly weightGrams: number | null;
};

/** What a carrier says happened; `eventId` is the carrier's own, `at` an ISO 8601 time in UTC with milliseconds. */
export type TrackingEvent = {
  readonly eventId: string;
  readonly status: TrackingStatus;
  readonly at: string;
  readonly reason: string | null;
};

export type ShipmentCommand =
  | Message<'CreateShipment', CreateShipment>
  | Message<'HandOver', { readonly at: string }>
  /** The package was opened before it left. */
  | Message<'VoidShipment', { readonly at: string }>
  | Message<'RecordTracking', TrackingEvent>
  /** The time in which the hand-over of a tracked parcel should have been told is over. */
  | Message<'ReportTrackedEarly', { readonly at: string }>;

export type LabelledShipment = Parcel & {
  readonly orderNumber: string;
  /** The carrier's service. */
  readonly service: string;
  readonly shipTo: Address;
  readonly weightGrams: number | null;
  /** The rate that was chosen, then the ones that it beat. */
  readonly quotes: readonly Quote[];
};

export type ShipmentEvent =
  | Message<'ShipmentLabelled', LabelledShipment>
  | Message<'ShipmentHandedOver', { readonly at: string }>
  | Message<'ShipmentVoided', Parcel & { readonly at: string }>
  | Message<'TrackingRecorded', TrackingEvent>
  /** A carrier has reported the parcel and no hand-over of it was told in time. */
  | Message<'ShipmentTrackedEarly', Parcel & { readonly at: string }>
  | Message<
      'MilestoneReached',
      Parcel & {
        readonly milestone: Milestone;
        readonly at: string;
        readonly reason: string | null;
      }
    >;

export type ShipmentRejection =
  | { readonly code: 'unknown-shipment' }
  | { readonly code: 'already-handed-over' }
  | { readonly code: 'shipment-voided' }
  | {
      readonly code: 'event-id-reused';
      readonly eventId: string;
      readonly recorded: TrackingStatus;
    }
  | { readonly code: 'too-many-tracking-events'; readonly trackingEventsMax: number };

/** A status and since when the parcel has it. */
export type Standing = { readonly status: ShipmentStatus; readonly at: string };

export type Shipment = {
  readonly parcel: Parcel | null;
  readonly standing: Standing;
  readonly handedOver: boolean;
  /** What was tracked before the hand-over; it takes effect with it. */
  readonly early: readonly TrackingEvent[];
  /** People have been told that the hand-over is missing. */
  readonly missed: boolean;
  readonly reached: ReadonlySet<Milestone>;
  /** The tracking events known, by their id. */
  readonly tracked: ReadonlyMap<string, TrackingStatus>;
};
