import { accept, assertNever, reject, type Decider, type Decision } from '@throughline/kernel';
import type {
  Fulfillment,
  FulfillmentCommand,
  FulfillmentEvent,
  FulfillmentRejection,
  MovedLine,
  Package,
} from './fulfillment.js';
import { handOver } from './hand-over.js';
import { quantityOf, startOf } from './lines.js';
import { attachLabel, closePackage } from './packing.js';
import { acceptWork, pickItems, rejectWork, shortItems } from './picking.js';
import { recallLines } from './recall.js';
import { release, releaseDue } from './release.js';
import { contentOf, scanKey, type ScanKind } from './scans.js';

type Decided = Decision<FulfillmentEvent, FulfillmentRejection>;

const decide = ({ type, data }: FulfillmentCommand, state: Fulfillment): Decided => {
  const { assignment, delivery } = state;
  if (!assignment || !delivery)
    return type === 'ReleaseFulfillment' ? release(data) : reject({ code: 'unknown-fulfillment' });
  const { scheduledFor } = state;
  if (scheduledFor !== null && isWork(type))
    return reject({ code: 'not-released-yet', notBefore: scheduledFor });
  switch (type) {
    case 'ReleaseFulfillment':
      // Its id names order, attempt and location: this is the same work told once more.
      return accept();
    case 'ReleaseDue':
      return releaseDue(data.at, state, assignment);
    case 'AcceptWork':
      return acceptWork(state, assignment);
    case 'RejectWork':
      return rejectWork(data.reason, state, assignment);
    case 'PickItems':
      return pickItems(data, state, assignment);
    case 'ShortItems':
      return shortItems(data, state, assignment);
    case 'ClosePackage':
      return closePackage(data, state, assignment, delivery);
    case 'AttachLabel':
      return attachLabel(data, state);
    case 'HandOver':
      return handOver(data, state, assignment, delivery);
    case 'RecallLines':
      return recallLines(data, state, assignment);
    default:
      return assertNever(type);
  }
};

/** What only a location that has the work can do. */
const WORK: ReadonlySet<FulfillmentCommand['type']> = new Set([
  'AcceptWork',
  'RejectWork',
  'PickItems',
  'ShortItems',
  'ClosePackage',
  'HandOver',
]);
const isWork = (type: FulfillmentCommand['type']): boolean => WORK.has(type);

const withLines = (state: Fulfillment, moves: readonly MovedLine[]): Fulfillment => {
  const lines = new Map(state.lines);
  for (const { after } of moves) lines.set(after.lineId, after);
  return { ...state, lines };
};

const withScan = (
  state: Fulfillment,
  kind: ScanKind,
  id: string,
  moves: readonly MovedLine[] = [],
  ...facts: readonly unknown[]
): Fulfillment => ({
  ...state,
  scans: new Map(state.scans).set(scanKey(kind, id), contentOf(moves.map(quantityOf), ...facts)),
});

const withPackages = (
  state: Fulfillment,
  changed: readonly { readonly packageId: string }[],
  change: Partial<Package>,
): Fulfillment => {
  const packages = new Map(state.packages);
  for (const { packageId } of changed)
    packages.set(packageId, { ...packages.get(packageId)!, ...change });
  return { ...state, packages };
};

const evolve = (state: Fulfillment, { type, data }: FulfillmentEvent): Fulfillment => {
  switch (type) {
    case 'FulfillmentReleased':
    case 'FulfillmentScheduled': {
      const { orderId, locationId, attempt, orderNumber, delivery } = data;
      const lines = new Map(data.lines.map((line) => [line.lineId, startOf(line)]));
      return {
        ...state,
        assignment: { orderId, locationId, attempt },
        orderNumber,
        delivery,
        scheduledFor: type === 'FulfillmentScheduled' ? (delivery.notBefore ?? null) : null,
        lines,
      };
    }
    case 'ScheduleEnded':
      return { ...state, scheduledFor: null };
    case 'WorkAccepted':
      return { ...state, accepted: true };
    case 'WorkRejected':
      return { ...withLines(state, data.lines), rejected: true };
    case 'ItemsPicked':
      return withScan(withLines(state, data.lines), 'pick', data.scanId, data.lines);
    case 'ItemsShorted':
      return withScan(withLines(state, data.lines), 'short', data.scanId, data.lines, data.reason);
    case 'PackageClosed': {
      const { packageId, weightGrams } = data;
      const closed: Package = {
        lines: data.lines.map(quantityOf),
        shipmentId: null,
        state: 'packed',
      };
      const packages = new Map(state.packages).set(packageId, closed);
      const packed = { ...withLines(state, data.lines), packages };
      return withScan(packed, 'package', packageId, data.lines, weightGrams);
    }
    case 'PackageLabelled':
      return withPackages(state, [data], { shipmentId: data.shipmentId });
    case 'GoodsHandedOver': {
      const after = withPackages(withLines(state, data.lines), data.packages, {
        state: 'handed-over',
      });
      return withScan(after, 'hand-over', data.handOverId);
    }
    case 'LinesRecalled': {
      const after = withPackages(withLines(state, data.lines), data.reopened, {
        state: 'reopened',
      });
      return withScan(after, 'recall', data.recallId);
    }
    default:
      return assertNever(type);
  }
};

/** The work of one location on one order: picked, packed and handed over, or given back. */
export const fulfillment: Decider<
  FulfillmentCommand,
  FulfillmentEvent,
  Fulfillment,
  FulfillmentRejection
> = {
  initialState: {
    assignment: null,
    orderNumber: '',
    delivery: null,
    scheduledFor: null,
    lines: new Map(),
    packages: new Map(),
    scans: new Map(),
    accepted: false,
    rejected: false,
  },
  decide,
  evolve,
};
