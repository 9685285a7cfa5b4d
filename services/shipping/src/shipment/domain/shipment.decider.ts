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
} from './shipment.js';
import { trackingNumberOf } from './tracking-number.js';
import { furtherOf, furthestOf, inOrder, milestonesOf, type Report } from './tracking.js';

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

/** A parcel is on its way once it was handed over; streams of before may say so by their milestones alone. */
const isOnItsWay = ({ handedOver, reached }: Shipment): boolean => handedOver || reached.size > 0;

/** The milestones of reports, each told at the time of the first report that reached it. */
const milestonesReached = (
  reports: readonly Report[],
  state: Pick<Shipment, 'standing' | 'reached'>,
  parcel: Parcel,
): ShipmentEvent[] => {
  let { standing } = state;
  const reached = new Set(state.reached);
  const events: ShipmentEvent[] = [];
  for (const { status, at, reason } of inOrder(reports)) {
    for (const milestone of milestonesOf(status, { standing, reached })) {
      reached.add(milestone);
      events.push({ type: 'MilestoneReached', data: { ...parcel, milestone, at, reason } });
    }
    standing = furtherOf(standing, { status, at });
  }
  return events;
};

/** The parcel leaves, and what its carrier has reported before takes effect. */
const handOver = (data: { readonly at: string }, state: Shipment, parcel: Parcel): Decided => {
  if (state.handedOver) return accept();
  if (state.standing.status === 'voided') return reject({ code: 'shipment-voided' });
  const taken: Report = { status: 'in-transit', at: data.at, reason: null };
  const milestones = milestonesReached([taken, ...state.early], state, parcel);
  return accept<ShipmentEvent>({ type: 'ShipmentHandedOver', data }, ...milestones);
};

const recordTracking = (event: TrackingEvent, state: Shipment, parcel: Parcel): Decided => {
  const { eventId, status } = event;
  const before = state.tracked.get(eventId);
  // The carrier's id is what makes an event the same; carriers word the rest differently when they repeat it.
  if (before === status) return accept();
  if (before !== undefined) return reject({ code: 'event-id-reused', eventId, recorded: before });
  if (state.standing.status === 'voided') return reject({ code: 'shipment-voided' });
  if (state.tracked.size >= TRACKING_EVENTS_MAX)
    return reject({
      code: 'too-many-tracking-events',
      trackingEventsMax: TRACKING_EVENTS_MAX,
    });
  // Before its hand-over a parcel is not on its way, whatever a scanner saw: that waits for the hand-over.
  const milestones = isOnItsWay(state) ? milestonesReached([event], state, parcel) : [];
  return accept<ShipmentEvent>({ type: 'TrackingRecorded', data: event }, ...milestones);
};

/** Stale where the hand-over came, the label became void, or people know already. */
const reportTrackedEarly = (
  { at }: { readonly at: string },
  state: Shipment,
  parcel: Parcel,
): Decided => {
  const isWaiting = state.early.length > 0 && state.standing.status === 'labelled';
  if (!isWaiting || state.missed) return accept();
  return accept({ type: 'ShipmentTrackedEarly', data: { ...parcel, at } });
};

const decide = ({ type, data }: ShipmentCommand, state: Shipment): Decided => {
  const { parcel, handedOver, standing } = state;
  if (!parcel)
    return type === 'CreateShipment' ? createShipment(data) : reject({ code: 'unknown-shipment' });
  switch (type) {
    case 'CreateShipment':
      // Its id names fulfillment and package: one package has one label.
      return accept();
    case 'HandOver':
      return handOver(data, state, parcel);
    case 'VoidShipment':
      if (standing.status === 'voided') return accept();
      if (handedOver) return reject({ code: 'already-handed-over' });
      return accept({ type: 'ShipmentVoided', data: { ...parcel, ...data } });
    case 'RecordTracking':
      return recordTracking(data, state, parcel);
    case 'ReportTrackedEarly':
      return reportTrackedEarly(data, state, parcel);
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
      const taken = { status: 'in-transit', at: data.at } as const;
      const standing = furthestOf(state.standing, [taken, ...state.early]);
      return { ...state, standing, early: [], handedOver: true };
    }
    case 'ShipmentVoided': {
      const standing = furtherOf(state.standing, { status: 'voided', at: data.at });
      return { ...state, standing };
    }
    case 'TrackingRecorded': {
      const { eventId, status, at } = data;
      const known = { ...state, tracked: new Map(state.tracked).set(eventId, status) };
      if (!isOnItsWay(state)) return { ...known, early: [...state.early, data] };
      return { ...known, standing: furtherOf(state.standing, { status, at }) };
    }
    case 'ShipmentTrackedEarly':
      return { ...state, missed: true };
    case 'MilestoneReached': {
      // Streams of before the rule tell milestones ahead of the hand-over: there, tracking took effect at once.
      const standing = furthestOf(state.standing, state.early);
      const reached = new Set(state.reached).add(data.milestone);
      return { ...state, standing, early: [], reached };
    }
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
    early: [],
    missed: false,
    reached: new Set(),
    tracked: new Map(),
  },
  decide,
  evolve,
};
