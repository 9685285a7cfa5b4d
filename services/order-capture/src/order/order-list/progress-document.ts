import { newLine, newWork, type LineFacts, type Parcel, type Work } from '../domain/line-facts.js';
import type { Hold, LineWish, ParcelStatus } from '../domain/order.js';
import type { OrderProgress } from '../domain/order-progress.js';
import type { OrderException } from '../domain/order-troubles.js';

type WorkTuple = readonly [
  fulfillment: number,
  released: number,
  picked: number,
  packed: number,
  handedOver: number,
  shorted?: number,
  cancelled?: number,
  collected?: number,
];
type RestTuple = readonly [
  cancelRequested: number,
  cancelled: number,
  backordered: number,
  attempt: number,
  inTransit: number,
  delivered: number,
  returnedToOrigin: number,
  lost: number,
  returns: readonly (readonly [returnId: string, received: number, inspected: number])[],
  reshipped: number,
  promisedOn: string | 0,
];
type LineTuple = readonly [
  lineId: string,
  sku: string,
  ordered: number,
  works?: readonly WorkTuple[],
  rest?: RestTuple | 0,
];

/**
 * An order's progress as JSON, in tuples without names: it is written again with every milestone.
 */
export type ProgressDocument = {
  readonly lines: readonly LineTuple[];
  readonly fulfillments: readonly string[];
  readonly parcels: readonly (readonly [
    shipmentId: string,
    status: ParcelStatus,
    at: string,
    lines: readonly (readonly [lineId: string, quantity: number])[],
    settled?: Parcel['settled'],
  ])[];
  readonly attempt: number;
  readonly approved: boolean;
  readonly confirmed: boolean;
  readonly refundedMinor: number;
  readonly acceptedAt: string;
  readonly holds: readonly Hold[];
  readonly troubles: readonly OrderException[];
};

/** Packs a progress for the projection's own row; `unpacked` gives it back as it was. */
export const packed = ({ quantities, ...rest }: OrderProgress): ProgressDocument => {
  const numbers = new Map<string, number>();
  const numberOf = (fulfillmentId: string): number => {
    const known = numbers.get(fulfillmentId) ?? numbers.size;
    numbers.set(fulfillmentId, known);
    return known;
  };
  const lines = [...quantities.lines].map(([lineId, line]) => lineTuple(lineId, line, numberOf));
  const parcels = [...quantities.parcels].map(
    ([shipmentId, { status, at, lines: inside, settled }]) => {
      const content = inside.map(({ lineId, quantity }) => [lineId, quantity] as const);
      return settled
        ? ([shipmentId, status, at, content, settled] as const)
        : ([shipmentId, status, at, content] as const);
    },
  );
  const { attempt } = quantities;
  return { lines, fulfillments: [...numbers.keys()], parcels, attempt, ...rest };
};

const lineTuple = (
  lineId: string,
  line: LineFacts,
  numberOf: (fulfillmentId: string) => number,
): LineTuple => {
  const works = line.works.map((work) => workTuple(work, numberOf));
  const rest: RestTuple = [
    line.cancelRequested,
    line.cancelled,
    line.backordered,
    line.attempt,
    line.inTransit,
    line.delivered,
    line.returnedToOrigin,
    line.lost,
    line.returns.map(({ returnId, received, inspected }) => [returnId, received, inspected]),
    line.reshipped,
    line.promisedOn ?? 0,
  ];
  const isPlain =
    line.returns.length === 0 && rest.every((value) => value === 0 || typeof value === 'object');
  if (!isPlain) return [lineId, line.sku, line.ordered, works, rest];
  return works.length > 0
    ? [lineId, line.sku, line.ordered, works]
    : [lineId, line.sku, line.ordered];
};

const workTuple = (work: Work, numberOf: (fulfillmentId: string) => number): WorkTuple => {
  const { released, picked, packed: packedUnits, handedOver } = work;
  const common = [numberOf(work.fulfillmentId), released, picked, packedUnits, handedOver] as const;
  const { shorted, cancelled, collected } = work;
  if (shorted + cancelled + collected === 0) return common;
  return [...common, shorted, cancelled, collected];
};

export const unpacked = (document: ProgressDocument): OrderProgress => {
  const { lines, fulfillments, parcels, attempt, ...rest } = document;
  return {
    quantities: {
      lines: new Map(
        lines.map(([lineId, sku, ordered, works = [], numbers = 0]) => [
          lineId,
          {
            ...newLine(sku, ordered),
            works: works.map((tuple) => workOf(tuple, fulfillments)),
            ...(numbers !== 0 && restOf(numbers)),
          },
        ]),
      ),
      parcels: new Map(
        parcels.map(([shipmentId, status, at, inside, settled]) => [
          shipmentId,
          {
            status,
            at,
            lines: inside.map(([lineId, quantity]): LineWish => ({ lineId, quantity })),
            ...(settled && { settled }),
          },
        ]),
      ),
      attempt,
    },
    ...rest,
  };
};

const workOf = (tuple: WorkTuple, fulfillments: readonly string[]): Work => {
  const [number, released, picked, packedUnits, handedOver] = tuple;
  const [, , , , , shorted = 0, cancelled = 0, collected = 0] = tuple;
  const work = newWork(fulfillments[number]!);
  return {
    ...work,
    released,
    picked,
    packed: packedUnits,
    handedOver,
    shorted,
    cancelled,
    collected,
  };
};

const restOf = (rest: RestTuple) => {
  const [cancelRequested, cancelled, backordered, attempt] = rest;
  const [, , , , inTransit, delivered, returnedToOrigin, lost, returns] = rest;
  const [, , , , , , , , , reshipped, promisedOn] = rest;
  return {
    cancelRequested,
    cancelled,
    backordered,
    attempt,
    inTransit,
    delivered,
    returnedToOrigin,
    lost,
    reshipped,
    promisedOn: promisedOn === 0 ? null : promisedOn,
    returns: returns.map(([returnId, received, inspected]) => ({ returnId, received, inspected })),
  };
};
