import { derivedId } from '@throughline/kernel';
import {
  AT,
  progress,
  wish,
  type Command,
  type Event,
  type Numbers,
  type Wishes,
} from './order.fixtures.js';

export const cancel = (
  lines: Wishes | null = null,
  cancellationId = 'cancellation-1',
): Command<'CancelOrder'> => ({
  type: 'CancelOrder',
  data: {
    cancellationId,
    reason: 'changed my mind',
    lines: lines ? lines.map(wish) : null,
  },
});

const skuWish = ([lineId, quantity]: readonly [string, number]) => ({
  lineId,
  quantity,
  sku: `SKU-${lineId}`,
});

export const cancellationRequested = (
  lines: Wishes,
  isApproved: boolean,
  cancellationId = 'cancellation-1',
): Event<'CancellationRequested'> => ({
  type: 'CancellationRequested',
  data: {
    cancellationId,
    reason: 'changed my mind',
    lines: lines.map(skuWish),
    approved: isApproved,
  },
});

export const linesCancelled = (...lines: Wishes): Event<'LinesCancelled'> => ({
  type: 'LinesCancelled',
  data: { lines: lines.map(skuWish) },
});

export const settle = (
  lines: Wishes,
  cancellationId = 'cancellation-1',
  { recallId, refused }: { readonly recallId?: string; readonly refused?: Wishes } = {},
): Command<'RecordSettlement'> => ({
  type: 'RecordSettlement',
  data: {
    cancellationId,
    lines: lines.map(wish),
    ...(recallId !== undefined && { recallId }),
    ...(refused && { refused: refused.map(wish) }),
  },
});

export const settled = (
  ...parameters: Parameters<typeof settle>
): Event<'CancellationSettled'> => ({
  type: 'CancellationSettled',
  data: settle(...parameters).data,
});

/** The recall that a cancellation causes at a fulfillment. */
export const recallIdOf = (fulfillmentId: string, cancellationId = 'cancellation-1'): string =>
  derivedId(cancellationId, fulfillmentId);

/** What a fulfillment answers to a recall: how the lines stand then, and what it gives up or keeps. */
export const answer = (
  fulfillmentId: string,
  lines: Readonly<Record<string, Numbers>>,
  { granted = [], refused = [] }: { readonly granted?: Wishes; readonly refused?: Wishes },
  recallId = recallIdOf(fulfillmentId),
): Command<'RecordProgress'> =>
  progress(fulfillmentId, 'recalled', lines, {
    recall: { recallId, refused: refused.map(wish) },
    granted: granted.map(wish),
  });

export const answered = (
  ...parameters: Parameters<typeof answer>
): Event<'FulfillmentProgressed'> => {
  const { granted, ...data } = answer(...parameters).data;
  void granted;
  return { type: 'FulfillmentProgressed', data };
};

export const cancellationRefused = (
  lines: Wishes,
  recallId: string,
): Event<'CancellationRefused'> => ({
  type: 'CancellationRefused',
  data: { recallId, lines: lines.map(wish), at: AT },
});

export const recall = (
  recallId: string,
  fulfillmentId: string,
  lines: Wishes,
  reason: 'cancelled' | 'revoked' = 'cancelled',
): Command<'RecordRecall'> => ({
  type: 'RecordRecall',
  data: { recallId, fulfillmentId, reason, lines: lines.map(wish) },
});
