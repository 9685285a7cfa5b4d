import {
  SHIPMENT_STATUSES,
  type Milestone,
  type Shipment,
  type ShipmentStatus,
  type Standing,
  type TrackingEvent,
  type TrackingStatus,
} from './shipment.js';

/**
 * A higher rank wins, whenever it was reported: what ends a journey is not undone by a scan that comes late.
 * A lost parcel may turn up, at the customer's or at its origin. One that came back to its origin is there,
 * whatever was said before: "delivered" was then a wrong scan, or a pick-up point where nobody came. A
 * voided one never left: its package was opened, so what a carrier says of it is about something else.
 */
const RANK: Readonly<Record<ShipmentStatus, number>> = {
  labelled: 0,
  'in-transit': 1,
  'out-for-delivery': 1,
  'delivery-failed': 1,
  lost: 2,
  delivered: 3,
  'returned-to-origin': 4,
  voided: 5,
};

/**
 * Where a parcel stands when it is known to have been at both: by rank, then by time, then by the usual order
 * of events. That is the maximum of a total order, so the order of reports and their repetition do not matter.
 */
export const furtherOf = (one: Standing, other: Standing): Standing => {
  if (RANK[one.status] !== RANK[other.status])
    return RANK[one.status] > RANK[other.status] ? one : other;
  if (one.at !== other.at) return one.at > other.at ? one : other;
  const isAhead = SHIPMENT_STATUSES.indexOf(one.status) >= SHIPMENT_STATUSES.indexOf(other.status);
  return isAhead ? one : other;
};

/** Where a parcel stands after further reports, in any order. */
export const furthestOf = (standing: Standing, reports: readonly Standing[]): Standing =>
  reports.reduce((before, { status, at }) => furtherOf(before, { status, at }), standing);

/** What a carrier or a location says of a parcel. */
export type Report = Pick<TrackingEvent, 'status' | 'at' | 'reason'>;

/** Reports in the order in which they happened; those of one instant in the usual order of events. */
export const inOrder = (reports: readonly Report[]): readonly Report[] => {
  const place = ({ status }: Report): number => SHIPMENT_STATUSES.indexOf(status);
  return [...reports].sort((one, other) => {
    if (one.at !== other.at) return one.at < other.at ? -1 : 1;
    return place(one) - place(other);
  });
};

/**
 * The milestones that a report adds, in the order to tell them. Every report implies that the parcel is on its
 * way; a milestone is told once, and not any more when the parcel is known to be further.
 */
export const milestonesOf = (
  status: TrackingStatus,
  { standing, reached }: Pick<Shipment, 'standing' | 'reached'>,
): readonly Milestone[] => {
  const implied: readonly Milestone[] =
    status === 'in-transit' || status === 'out-for-delivery'
      ? ['in-transit']
      : ['in-transit', status];
  return implied.filter(
    (milestone) => !reached.has(milestone) && RANK[milestone] >= RANK[standing.status],
  );
};
