import { accept, assertNever, reject, type Decider, type Decision } from '@throughline/kernel';
import { quotesFor } from './rates.js';
import {
  TRACKING_EVENTS_MAX,
  type CreateShipment,
  type Parcel,
  type Shipment,
  type ShipmentCommand,
  type ShipmentEvent,
  type ShipmentRejection,
  type TrackingEvent,
  type TrackingStatus,
} from './shipment.js';
import { trackingNumberOf } from './tracking-number.js';
import { furtherOf, milestonesOf } from './tracking.js';

type Decided = Decision<ShipmentEvent, ShipmentRejection>;

/** The cheapest rate that will do gets the parcel; its label is made at once. */
const createShipment = ({ service, ...shipment }: CreateShipment): Decided => {
  const { shipmentId, shipTo, weightGrams } = shipment;
  const quotes = quotesFor({ service, country: shipTo.country, weightGrams });
  const [chosen] = quotes;
  return accept({
    type: 'ShipmentLabelled',
    data: {
      ...shipment,
      carrier: chosen!.carrier,
      service: chosen!.service,
      trackingNumber: trackingNumberOf(shipmentId),
      quotes,
    },
  });
};

const milestonesReached = (
  status: TrackingStatus,
  { at, reason }: { readonly at: string; readonly reason: string | null },
  state: Shipment,
  parcel: Parcel,
): ShipmentEvent[] =>
  milestonesOf(status, state).map((milestone) => ({
    type: 'MilestoneReached',
    data: { ...parcel, milestone, at, reason },
  }));

const recordTracking = (event: TrackingEvent, state: Shipment, parcel: Parcel): Decided => {
  const { eventId, status } = event;
  const before = state.tracked.get(eventId);
  // The carrier's id is what makes an event the same; carriers word the rest anew when they repeat it.
  if (before === status) return accept();
  if (before !== undefined) return reject({ code: 'event-id-reused', eventId, recorded: before });
  if (state.tracked.size >= TRACKING_EVENTS_MAX)
    return reject({
      code: 'too-many-tracking-events',
      trackingEventsMax: TRACKING_EVENTS_MAX,
    });
  const milestones = milestonesReached(status, event, state, parcel);
  return accept<ShipmentEvent>({ type: 'TrackingRecorded', data: event }, ...milestones);
};

const decide = ({ type, data }: ShipmentCommand, state: Shipment): Decided => {
  const { parcel, handedOver, standing } = state;
  const voided = standing.status === 'voided';
  if (!parcel)
    return type === 'CreateShipment' ? createShipment(data) : reject({ code: 'unknown-shipment' });
  switch (type) {
    case 'CreateShipment':
      // Its id names fulfillment and package: one package has one label.
      return accept();
    case 'HandOver': {
      if (handedOver) return accept();
      if (voided) return reject({ code: 'shipment-voided' });
      const milestones = milestonesReached('in-transit', { ...data, reason: null }, state, parcel);
      return accept<ShipmentEvent>({ type: 'ShipmentHandedOver', data }, ...milestones);
    }
    case 'VoidShipment':
      if (voided) return accept();
      if (handedOver) return reject({ code: 'already-handed-over' });
      return accept({ type: 'ShipmentVoided', data: { ...parcel, ...data } });
    case 'RecordTracking':
      return recordTracking(data, state, parcel);
    default:
      return assertNever(type);
  }
};

const evolve = (state: Shipment, { type, data }: ShipmentEvent): Shipment => {
  switch (type) {
    case 'ShipmentLabelled': {
      const { shipmentId, orderId, fulfillmentId, packageId, locationId } = data;
      const { carrier, trackingNumber, lines } = data;
      const content = { shipmentId, orderId, fulfillmentId, packageId, locationId, lines };
      return { ...state, parcel: { ...content, carrier, trackingNumber } };
    }
    case 'ShipmentHandedOver': {
      const standing = furtherOf(state.standing, { status: 'in-transit', at: data.at });
      return { ...state, standing, handedOver: true };
    }
    case 'ShipmentVoided': {
      const standing = furtherOf(state.standing, { status: 'voided', at: data.at });
      return { ...state, standing };
    }
    case 'TrackingRecorded': {
      const { eventId, status, at } = data;
      const standing = furtherOf(state.standing, { status, at });
      return { ...state, standing, tracked: new Map(state.tracked).set(eventId, status) };
    }
    case 'MilestoneReached':
      return { ...state, reached: new Set(state.reached).add(data.milestone) };
    default:
      return assertNever(type);
  }
};

/** One parcel from its label to where its journey ends. */
export const shipment: Decider<ShipmentCommand, ShipmentEvent, Shipment, ShipmentRejection> = {
  initialState: {
    parcel: null,
    standing: { status: 'labelled', at: '' },
    handedOver: false,
    reached: new Set(),
    tracked: new Map(),
  },
  decide,
  evolve,
};
