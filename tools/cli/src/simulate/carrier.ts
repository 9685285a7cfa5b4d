import { assertNever, derivedId } from '@throughline/kernel';
import { chance, chosenBetween } from '../chance.js';
import { dueAfter, type Span } from './pace.js';
import type { LineUnits, Plan, Step, Work } from './play.js';

export const CARRIER_STATUSES = ['in-transit', 'out-for-delivery', 'delivery-failed'] as const;
export type CarrierStatus = (typeof CARRIER_STATUSES)[number];
type Report = Exclude<CarrierStatus, 'in-transit'> | 'delivered' | 'returned-to-origin' | 'lost';

/** A shipment as `GET /v1/shipments` lists it. */
export type Shipment = {
  readonly shipmentId: string;
  readonly orderId: string;
  readonly status: string;
  readonly statusAt: string;
  readonly lines: readonly LineUnits[];
};

const HOUR = 60;
const DAY = 24 * HOUR;
const TAKES: Readonly<Record<Report, Span>> = {
  'out-for-delivery': [12 * HOUR, 3 * DAY],
  'delivery-failed': [HOUR, 8 * HOUR],
  delivered: [HOUR, 8 * HOUR],
  'returned-to-origin': [3 * DAY, 7 * DAY],
  lost: [5 * DAY, 9 * DAY],
};
const RETURNED_AFTER: Span = [DAY, 14 * DAY];
/** Of parcels that were not delivered at the first attempt, this share goes back to where it came from. */
const TO_ORIGIN_SHARE = 0.3;
const RETURNED_LINES_SHARE = 0.5;
const RETURN_REASONS = ['damaged', 'not-as-described', 'changed-mind', 'wrong-item'];

/** What a parcel will still go through; every parcel's fate is fixed by the seed. */
const reportsLeft = (id: string, status: CarrierStatus, plan: Plan): readonly Report[] => {
  const { seed, lostRate, deliveryFailureRate } = plan;
  const fails = chance(seed, id, 'failure') < deliveryFailureRate;
  const toOrigin = chance(seed, id, 'origin') < TO_ORIGIN_SHARE;
  switch (status) {
    case 'in-transit':
      if (chance(seed, id, 'lost') < lostRate) return ['lost'];
      return ['out-for-delivery', ...reportsLeft(id, 'out-for-delivery', plan)];
    case 'out-for-delivery':
      return fails
        ? ['delivery-failed', ...reportsLeft(id, 'delivery-failed', plan)]
        : ['delivered'];
    case 'delivery-failed':
      return [toOrigin ? 'returned-to-origin' : 'delivered'];
    default:
      return assertNever(status);
  }
};

/** What the carrier reports next of a parcel; without time between, all that is left. */
export const carrierWork = (shipment: Shipment, plan: Plan): Work => {
  const { shipmentId: id, status, statusAt } = shipment;
  const left = reportsLeft(id, status as CarrierStatus, plan);
  const steps = left.map((report): Step => {
    const reason = report === 'delivery-failed' ? { reason: 'nobody at home' } : {};
    const body = { eventId: derivedId(id, report), status: report, ...reason };
    return { act: report, path: `/v1/shipments/${id}/tracking-events`, body };
  });
  const dueAt = dueAfter(statusAt, TAKES[left[0]!], plan, id, left[0]!);
  return { dueAt, steps: plan.speed === Infinity ? steps : steps.slice(0, 1) };
};

/** What the customer sends back of a delivered parcel, if anything. */
export const returnRequest = (shipment: Shipment, plan: Plan): Work | undefined => {
  const { shipmentId: id, orderId, statusAt, lines } = shipment;
  const { seed, returnRate } = plan;
  if (chance(seed, id, 'return') >= returnRate) return undefined;
  const unwanted = lines.filter(
    ({ lineId }, index) =>
      index === 0 || chance(seed, id, lineId, 'unwanted') < RETURNED_LINES_SHARE,
  );
  const body = {
    orderId,
    reason: RETURN_REASONS[chosenBetween(0, RETURN_REASONS.length - 1, seed, id, 'reason')]!,
    lines: unwanted.map(({ lineId, quantity }) => ({
      lineId,
      quantity: chosenBetween(1, quantity, seed, id, lineId, 'units'),
    })),
  };
  const step: Step = {
    act: 'return-requested',
    path: '/v1/returns',
    body,
    key: derivedId(id, 'return'),
  };
  return { dueAt: dueAfter(statusAt, RETURNED_AFTER, plan, id, 'return'), steps: [step] };
};
