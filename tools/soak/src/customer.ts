import type { Units } from './book.js';
import { POSTAL, type Story } from './story.js';
import type { OrderView } from './views.js';
import { addressOf } from './wish.js';

const REASON = 'soak';

/** Cancels all of the order, or some units of a line. */
export const cancel = async (story: Story, view: OrderView): Promise<void> => {
  const { book, dice } = story;
  const lines: readonly Units[] | null = dice.is(0.5) ? null : someUnits(story, view);
  if (lines?.length === 0) return;
  const startedAt = performance.now();
  const { status } = await story.post(`/v1/orders/${book.orderId}/cancellations`, {
    reason: REASON,
    ...(lines && { lines }),
  });
  if (status === 200 || status === 202)
    book.cancellations.push({ asked: lines, startedAt, settledAt: undefined });
};

const someUnits = ({ dice }: Story, view: OrderView): readonly Units[] => {
  const open = view.lines.filter(({ quantities, quantity }) => quantities.cancelled < quantity);
  if (open.length === 0) return [];
  const { lineId, quantity, quantities } = dice.one(open);
  return [{ lineId, quantity: dice.between(1, quantity - quantities.cancelled) }];
};

/** Puts the order on hold, or lets go of a hold. */
export const hold = async (story: Story, view: OrderView): Promise<void> => {
  const { book, dice } = story;
  const path = `/v1/orders/${book.orderId}/holds`;
  if (view.holds.length > 0 && dice.is(0.7)) return release(story, view);
  await story.post(path, { kind: dice.one(['fraud', 'review', 'manual']), reason: REASON });
};

export const release = async (story: Story, view: OrderView): Promise<void> => {
  const { book, dice } = story;
  const { holdId } = dice.one(view.holds);
  await story.send('DELETE', `/v1/orders/${book.orderId}/holds/${holdId}?reason=${REASON}`);
};

/** Corrects the address. */
export const edit = async (story: Story): Promise<void> => {
  const { book, dice } = story;
  await story.post(`/v1/orders/${book.orderId}/edits`, { shipTo: addressOf(dice.one(POSTAL)) });
};

/** Money back by hand, now and then more than there is. */
export const refundByHand = async (story: Story): Promise<void> => {
  const { book, dice } = story;
  const { decimals } = book.currency;
  const amountMinor = dice.between(1, 500);
  const amount = decimals === 0 ? String(amountMinor) : (amountMinor / 100).toFixed(2);
  const path = `/v1/payments/${book.orderId}/refunds`;
  const { status } = await story.post(path, { amount, reason: REASON });
  if (status === 201) book.byHandMinor += amountMinor;
};
