import type {
  Assignment,
  ClosePackage,
  Delivery,
  FulfillmentCommand,
  FulfillmentEvent,
  Label,
  LineProgress,
  LineQuantity,
  MovedLine,
  PackageLabel,
  Receiver,
} from './fulfillment.js';

type Command<Type extends FulfillmentCommand['type']> = Extract<
  FulfillmentCommand,
  { readonly type: Type }
>;
type Event<Type extends FulfillmentEvent['type']> = Extract<
  FulfillmentEvent,
  { readonly type: Type }
>;

export const assignment: Assignment = { orderId: 'order-1', locationId: 'shop-1', attempt: 1 };

export const shipped: Delivery = {
  method: 'ship',
  service: 'standard',
  locationId: null,
  promisedBy: null,
  shipTo: {
    personal: { subjectId: 'subject-1', name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    region: null,
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
};

export const AT = '2026-11-01T10:00:00.000Z';
export const NOT_BEFORE = '2026-11-20T08:00:00.000Z';
export const later: Delivery = { ...shipped, notBefore: NOT_BEFORE };

export const collected: Delivery = {
  method: 'pickup',
  service: 'standard',
  locationId: 'shop-1',
  promisedBy: null,
  shipTo: null,
};

/** `a` of `line('a', 3)` is line id and, in capitals, the sku. */
export const line = (lineId: string, quantity: number): LineQuantity => ({
  lineId,
  sku: lineId.toUpperCase(),
  quantity,
});

const NONE = { picked: 0, packed: 0, handedOver: 0, shorted: 0, cancelled: 0 };

/** What an event did to a line: `moved('a', 2, { released: 3, picked: 2 })`. */
export const moved = (
  lineId: string,
  quantity: number,
  after: Partial<LineProgress> & { readonly released: number },
): MovedLine => ({ quantity, after: { lineId, sku: lineId.toUpperCase(), ...NONE, ...after } });

export const release = (
  lines: readonly LineQuantity[],
  delivery = shipped,
): Command<'ReleaseFulfillment'> => ({
  type: 'ReleaseFulfillment',
  data: { ...assignment, orderNumber: 'A-1', delivery, lines, at: AT },
});

export const scheduled = (
  lines: readonly LineQuantity[],
  delivery = later,
): Event<'FulfillmentScheduled'> => ({
  type: 'FulfillmentScheduled',
  data: { ...assignment, orderNumber: 'A-1', delivery, lines },
});

export const released = (
  lines: readonly LineQuantity[],
  delivery = shipped,
): Event<'FulfillmentReleased'> => ({
  type: 'FulfillmentReleased',
  data: { ...assignment, orderNumber: 'A-1', delivery, lines },
});

export const pick = (
  scanId: string,
  ...lines: readonly [string, number][]
): Command<'PickItems'> => ({ type: 'PickItems', data: { scanId, lines: works(lines) } });

export const picked = (scanId: string, ...lines: readonly MovedLine[]): Event<'ItemsPicked'> => ({
  type: 'ItemsPicked',
  data: { ...assignment, scanId, lines },
});

export const short = (
  scanId: string,
  reason: string,
  ...lines: readonly [string, number][]
): Command<'ShortItems'> => ({ type: 'ShortItems', data: { scanId, reason, lines: works(lines) } });

export const shorted = (
  scanId: string,
  reason: string,
  ...lines: readonly MovedLine[]
): Event<'ItemsShorted'> => ({
  type: 'ItemsShorted',
  data: { ...assignment, scanId, reason, lines },
});

export const pack = (
  packageId: string,
  lines: readonly [string, number][] | null = null,
  weightGrams: ClosePackage['weightGrams'] = null,
): Command<'ClosePackage'> => ({
  type: 'ClosePackage',
  data: { packageId, lines: lines && works(lines), weightGrams },
});

export const packed = (
  packageId: string,
  lines: readonly MovedLine[],
  { weightGrams = null as number | null, delivery = shipped } = {},
): Event<'PackageClosed'> => ({
  type: 'PackageClosed',
  data: { ...assignment, packageId, weightGrams, orderNumber: 'A-1', delivery, lines },
});

const labelOf = (packageId: string): Label => ({
  packageId,
  shipmentId: `shipment-of-${packageId}`,
  carrier: 'throughline-post',
  trackingNumber: `number-of-${packageId}`,
});

export const attachLabel = (packageId: string): Command<'AttachLabel'> => ({
  type: 'AttachLabel',
  data: labelOf(packageId),
});

export const labelled = (packageId: string): Event<'PackageLabelled'> => ({
  type: 'PackageLabelled',
  data: labelOf(packageId),
});

export const handOver = (
  handOverId: string,
  receiver: Receiver | null = null,
): Command<'HandOver'> => ({ type: 'HandOver', data: { handOverId, receiver } });

export const handedOver = (
  handOverId: string,
  packageIds: readonly string[],
  lines: readonly MovedLine[],
  receiver: Receiver = 'carrier',
): Event<'GoodsHandedOver'> => ({
  type: 'GoodsHandedOver',
  data: {
    ...assignment,
    handOverId,
    receiver,
    packages: packageIds.map((packageId) => ({
      packageId,
      shipmentId: receiver === 'carrier' ? `shipment-of-${packageId}` : null,
    })),
    lines,
  },
});

export const rejectWork = (reason: string): Command<'RejectWork'> => ({
  type: 'RejectWork',
  data: { reason },
});

export const rejected = (
  reason: string,
  ...lines: readonly MovedLine[]
): Event<'WorkRejected'> => ({ type: 'WorkRejected', data: { ...assignment, reason, lines } });

export const acceptWork: Command<'AcceptWork'> = { type: 'AcceptWork', data: null };

export const workAccepted: Event<'WorkAccepted'> = { type: 'WorkAccepted', data: assignment };

export const recall = (
  recallId: string,
  ...lines: readonly LineQuantity[]
): Command<'RecallLines'> => ({
  type: 'RecallLines',
  data: { recallId, orderId: assignment.orderId, lines },
});

export const recalled = (
  recallId: string,
  lines: readonly MovedLine[],
  { refused = [] as readonly LineQuantity[], reopened = [] as readonly PackageLabel[] } = {},
): Event<'LinesRecalled'> => ({
  type: 'LinesRecalled',
  data: { ...assignment, recallId, lines, refused, reopened },
});

/** A package that had no label yet, or one. */
export const unlabelled = (packageId: string): PackageLabel => ({ packageId, shipmentId: null });
export const withLabel = (packageId: string): PackageLabel => ({
  packageId,
  shipmentId: `shipment-of-${packageId}`,
});

const works = (lines: readonly [string, number][]) =>
  lines.map(([lineId, quantity]) => ({ lineId, quantity }));
