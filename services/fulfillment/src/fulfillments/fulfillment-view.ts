import { assertNever } from '@throughline/kernel';
import type {
  DeliveryMethod,
  FulfillmentEvent,
  LineQuantity,
  MovedLine,
} from '../fulfillment/domain/fulfillment.js';
import { quantityOf } from '../fulfillment/domain/lines.js';

/**
 * `scheduled`: may not begin before its time. `ready`: nothing is left to pick or pack, and every package may leave. `closed`: nothing ever left, because all
 * was shorted, cancelled or rejected.
 */
export const FULFILLMENT_STATUSES = [
  'scheduled',
  'released',
  'picking',
  'picked',
  'packed',
  'ready',
  'handed-over',
  'closed',
] as const;
export type FulfillmentStatus = (typeof FULFILLMENT_STATUSES)[number];

type LineView = LineQuantity & {
  readonly picked: number;
  readonly packed: number;
  readonly handedOver: number;
  readonly shorted: number;
  readonly cancelled: number;
};

type PackageView = {
  readonly packageId: string;
  readonly shipmentId: string | null;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly weightGrams: number | null;
  readonly handedOverAt: string | null;
  readonly lines: readonly LineQuantity[];
};

/** A fulfillment as `GET /v1/fulfillments` answers it. */
export type FulfillmentView = {
  readonly fulfillmentId: string;
  readonly orderId: string;
  readonly orderNumber: string;
  readonly locationId: string;
  readonly attempt: number;
  readonly status: FulfillmentStatus;
  readonly method: DeliveryMethod;
  /** Of scheduled work: when it will be released. */
  readonly releasedAt: string;
  readonly acceptedAt: string | null;
  readonly lines: readonly LineView[];
  readonly packages: readonly PackageView[];
};

/** An event with when it was recorded and on whose stream. */
export type Fact = {
  readonly fulfillmentId: string;
  readonly at: string;
  readonly event: FulfillmentEvent;
};

/** How far the work is, from its lines and packages alone. */
export const statusOf = ({
  method,
  lines,
  packages,
}: Pick<FulfillmentView, 'method' | 'lines' | 'packages'>): FulfillmentStatus => {
  let active = 0;
  let picked = 0;
  let packed = 0;
  let handedOver = 0;
  for (const line of lines) {
    active += line.quantity - line.shorted - line.cancelled;
    picked += line.picked;
    packed += line.packed;
    handedOver += line.handedOver;
  }
  if (active === 0) return 'closed';
  if (handedOver === active) return 'handed-over';
  const mayLeave = method !== 'ship' || packages.every(({ shipmentId }) => shipmentId !== null);
  if (packed === active) return mayLeave ? 'ready' : 'packed';
  if (picked === active) return 'picked';
  return picked > 0 ? 'picking' : 'released';
};

const begun = ({ fulfillmentId, at, event }: Fact): FulfillmentView => {
  if (event.type !== 'FulfillmentReleased' && event.type !== 'FulfillmentScheduled')
    throw new Error(`Fulfillment ${fulfillmentId} starts with ${event.type}`);
  const { orderId, orderNumber, locationId, attempt, delivery, lines } = event.data;
  const untouched = { picked: 0, packed: 0, handedOver: 0, shorted: 0, cancelled: 0 };
  return {
    fulfillmentId,
    orderId,
    orderNumber,
    locationId,
    attempt,
    status: event.type === 'FulfillmentScheduled' ? 'scheduled' : 'released',
    method: delivery.method,
    releasedAt: event.type === 'FulfillmentScheduled' ? (delivery.notBefore ?? at) : at,
    acceptedAt: null,
    lines: lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity, ...untouched })),
    packages: [],
  };
};

const withLines = (view: FulfillmentView, moves: readonly MovedLine[]): FulfillmentView => {
  const moved = new Map(moves.map(({ after }) => [after.lineId, after]));
  const lines = view.lines.map((line) => {
    const after = moved.get(line.lineId);
    if (!after) return line;
    const { lineId, sku, released: quantity, ...progress } = after;
    return { lineId, sku, quantity, ...progress };
  });
  return { ...view, lines };
};

const changed = (view: FulfillmentView, { at, event: { type, data } }: Fact): FulfillmentView => {
  switch (type) {
    case 'FulfillmentReleased':
    case 'FulfillmentScheduled':
    case 'ScheduleEnded':
      return view;
    case 'WorkAccepted':
      return { ...view, acceptedAt: at };
    case 'WorkRejected':
    case 'ItemsPicked':
    case 'ItemsShorted':
      return withLines(view, data.lines);
    case 'PackageClosed': {
      const { packageId, weightGrams, lines } = data;
      const unlabelled = { shipmentId: null, carrier: null, trackingNumber: null };
      const closed = { packageId, ...unlabelled, weightGrams, handedOverAt: null };
      const packages = [...view.packages, { ...closed, lines: lines.map(quantityOf) }];
      return { ...withLines(view, lines), packages };
    }
    case 'PackageLabelled': {
      const packages = view.packages.map((parcel) =>
        parcel.packageId === data.packageId ? { ...parcel, ...data } : parcel,
      );
      return { ...view, packages };
    }
    case 'GoodsHandedOver': {
      const left = new Set(data.packages.map(({ packageId }) => packageId));
      const packages = view.packages.map((parcel) =>
        left.has(parcel.packageId) ? { ...parcel, handedOverAt: at } : parcel,
      );
      return { ...withLines(view, data.lines), packages };
    }
    case 'LinesRecalled': {
      const reopened = new Set(data.reopened.map(({ packageId }) => packageId));
      const packages = view.packages.filter(({ packageId }) => !reopened.has(packageId));
      return { ...withLines(view, data.lines), packages };
    }
    default:
      return assertNever(type);
  }
};

/** Folds one recorded event into the view; the first one of a stream makes it. */
export const evolveView = (view: FulfillmentView | undefined, fact: Fact): FulfillmentView => {
  if (!view) return begun(fact);
  const after = changed(view, fact);
  const status = statusOf(after);
  // What is recalled of scheduled work leaves the rest of it scheduled.
  const waits = view.status === 'scheduled' && fact.event.type !== 'ScheduleEnded';
  return { ...after, status: waits && status === 'released' ? 'scheduled' : status };
};
