import { assertNever, formatAmount } from '@throughline/kernel';
import type {
  LineQuantity,
  ShipmentEvent,
  ShipmentStatus,
  Standing,
  TrackingEvent,
} from '../shipment/domain/shipment.js';
import { furtherOf } from '../shipment/domain/tracking.js';

type RateView = {
  readonly carrier: string;
  readonly service: string;
  readonly cost: { readonly amount: string; readonly currency: string };
};

/** A shipment as `GET /v1/shipments` answers it. Whom it goes to is not in it: that stands on the label. */
export type ShipmentView = {
  readonly shipmentId: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly fulfillmentId: string;
  readonly packageId: string;
  readonly locationId: string;
  readonly carrier: string;
  readonly service: string;
  readonly trackingNumber: string;
  readonly status: ShipmentStatus;
  readonly statusAt: string;
  readonly createdAt: string;
  readonly weightGrams: number | null;
  /** The rate that was chosen, then the ones that it beat. */
  readonly rates: readonly RateView[];
  readonly lines: readonly LineQuantity[];
  /** What was reported, by its own time. */
  readonly history: readonly TrackingEvent[];
};

/** An event with its id and when it was recorded. */
export type Fact = { readonly eventId: string; readonly at: string; readonly event: ShipmentEvent };

const labelled = ({ at, event }: Fact): ShipmentView => {
  if (event.type !== 'ShipmentLabelled')
    throw new Error(`A shipment cannot start with ${event.type}`);
  const { shipmentId, orderId, orderNumber, fulfillmentId, packageId, locationId } = event.data;
  const { carrier, service, trackingNumber, weightGrams, quotes, lines } = event.data;
  return {
    shipmentId,
    orderId,
    orderNumber,
    fulfillmentId,
    packageId,
    locationId,
    carrier,
    service,
    trackingNumber,
    status: 'labelled',
    statusAt: at,
    createdAt: at,
    weightGrams,
    rates: quotes.map(({ costMinor, currency, ...rate }) => ({
      ...rate,
      cost: { amount: formatAmount(costMinor, currency), currency },
    })),
    lines,
    history: [],
  };
};

/** By time, then by id, so that the order in which reports came does not show. */
const byTime = (one: TrackingEvent, other: TrackingEvent): number => {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return one.eventId < other.eventId ? -1 : 1;
};

const standingAfter = (view: ShipmentView, news: Standing) => {
  const { status, at: statusAt } = furtherOf({ status: view.status, at: view.statusAt }, news);
  return { status, statusAt };
};

const noted = (view: ShipmentView, report: TrackingEvent): ShipmentView => ({
  ...view,
  history: [...view.history, report].sort(byTime),
});

/** Where everything reported so far puts the parcel. */
const followed = (view: ShipmentView): ShipmentView =>
  view.history.reduce(
    (followedView, { status, at }) => ({
      ...followedView,
      ...standingAfter(followedView, { status, at }),
    }),
    view,
  );

/** Folds one recorded event into the view; the first one of a stream makes it. */
export const evolveView = (view: ShipmentView | undefined, fact: Fact): ShipmentView => {
  if (!view) return labelled(fact);
  const { type, data } = fact.event;
  switch (type) {
    case 'TrackingRecorded':
      // Before the hand-over it waits in the history, and the parcel is still `labelled`.
      return view.status === 'labelled' ? noted(view, data) : followed(noted(view, data));
    case 'ShipmentHandedOver': {
      const { eventId } = fact;
      const taken = { eventId, status: 'in-transit', at: data.at, reason: 'handed over' } as const;
      return followed(noted(view, taken));
    }
    case 'ShipmentVoided':
      return { ...view, ...standingAfter(view, { status: 'voided', at: data.at }) };
    case 'MilestoneReached':
      // Streams of before that rule have milestones ahead of the hand-over.
      return view.status === 'labelled' ? followed(view) : view;
    case 'ShipmentLabelled':
    case 'ShipmentTrackedEarly':
      return view;
    default:
      return assertNever(type);
  }
};
