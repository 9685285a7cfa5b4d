import { assertNever } from '@throughline/kernel';
import type { Goods, JudgedGoods, ReturnEvent, ReturnKind } from '../domain/return.js';
import { RETURN_TO_ORIGIN_REASON } from '../return.publisher.js';

export const RETURN_STATUSES = [
  'requested',
  'approved',
  'received',
  'inspected',
  'voided',
] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];

/** One return as the API shows it. */
export type ReturnView = {
  readonly returnId: string;
  readonly orderId: string;
  readonly kind: ReturnKind;
  /**
   * `received`: goods wait for inspection; `inspected`: none do, though more may still come; `voided`: all of its goods
   * came back with their parcel, or were settled as lost.
   */
  readonly status: ReturnStatus;
  readonly reason: string;
  /** Where the goods are expected or last came in; null while nobody knows. */
  readonly locationId: string | null;
  readonly requestedAt: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly quantity: number;
    readonly received: number;
    readonly inspected: number;
  }[];
  readonly inspections: readonly {
    readonly at: string;
    readonly locationId: string;
    readonly refund: boolean;
    readonly lines: readonly JudgedGoods[];
  }[];
};

/** The events that change one return. */
export type OwnEvent = Extract<ReturnEvent, { data: { returnId: string } }>;

export const isOwn = (event: ReturnEvent): event is OwnEvent => 'returnId' in event.data;

const claimed = (goods: readonly Goods[]): ReturnView['lines'] =>
  goods.map((line) => ({ ...line, received: 0, inspected: 0 }));

const counted = (
  lines: ReturnView['lines'],
  field: 'received' | 'inspected',
  goods: readonly Goods[],
): ReturnView['lines'] => {
  const added = new Map<string, number>();
  for (const { lineId, quantity } of goods) added.set(lineId, (added.get(lineId) ?? 0) + quantity);
  return lines.map((line) => ({ ...line, [field]: line[field] + (added.get(line.lineId) ?? 0) }));
};

/** Claims that were voided are taken out of the quantity. */
const lessened = (lines: ReturnView['lines'], goods: readonly Goods[]): ReturnView['lines'] =>
  lines.map((line) => {
    const voided = goods.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0;
    return { ...line, quantity: line.quantity - voided };
  });

const statusOf = (lines: ReturnView['lines']): ReturnStatus =>
  lines.some(({ received, inspected }) => received > inspected) ? 'received' : 'inspected';

/** Folds one event into the view of its return; `before` is undefined for the event that opens it. */
export const evolveReturn = (
  before: ReturnView | undefined,
  event: OwnEvent,
  { orderId, at }: { readonly orderId: string; readonly at: string },
): ReturnView => {
  const { type, data } = event;
  const { returnId } = data;
  if (type === 'ReturnRequested' || type === 'ReturnToOriginOpened') {
    const isOrigin = type === 'ReturnToOriginOpened';
    return {
      returnId,
      orderId,
      kind: isOrigin ? 'return-to-origin' : 'customer',
      status: isOrigin ? 'approved' : 'requested',
      reason: isOrigin ? RETURN_TO_ORIGIN_REASON : data.reason,
      locationId: isOrigin ? data.locationId : null,
      requestedAt: at,
      lines: claimed(data.lines),
      inspections: [],
    };
  }
  if (!before) throw new Error(`Return ${returnId} has no beginning`);
  switch (type) {
    case 'ReturnApproved':
      return { ...before, status: 'approved' };
    case 'ReturnClaimVoided': {
      const lines = lessened(before.lines, data.lines);
      const isVoid = lines.every(({ quantity }) => quantity === 0);
      return { ...before, lines, status: isVoid ? 'voided' : before.status };
    }
    case 'ReturnReceived': {
      const lines = counted(before.lines, 'received', data.lines);
      return { ...before, lines, locationId: data.locationId, status: statusOf(lines) };
    }
    case 'ReturnInspected': {
      const lines = counted(before.lines, 'inspected', data.lines);
      const { locationId, refund } = data;
      const inspections = [...before.inspections, { at, locationId, refund, lines: data.lines }];
      return { ...before, lines, inspections, status: statusOf(lines) };
    }
    default:
      return assertNever(type);
  }
};
