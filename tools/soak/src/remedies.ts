import type { Story } from './story.js';
import type { ExceptionView } from './views.js';
import { addressOf } from './wish.js';

const REASON = 'soak';
/** After so many fruitless tries of one kind the order is given up. */
const TRIES_MAX = 3;
/** What the carrier ends by itself. */
const PASSING = ['delivery-failed'];

type Tries = Map<string, number>;

const choices = (
  { nextActions, exceptionId }: ExceptionView,
  tries: Tries,
): (readonly [number, string])[] => {
  const isTired = (tries.get(exceptionId) ?? 0) >= TRIES_MAX;
  const weights: Readonly<Record<string, number>> = {
    release: 12,
    'create-item': 0,
    'record-tracking': 0,
    acknowledge: 1,
    'cancel-order': isTired ? 1_000 : 2,
    'change-delivery': isTired ? 0 : 2,
  };
  return nextActions.map((action) => [weights[action] ?? (isTired ? 1 : 6), action]);
};

const deliveryOf = ({ dice, world }: Story) =>
  dice.is(0.5)
    ? { method: 'ship', service: 'standard', shipTo: addressOf('SW1Y 4JH') }
    : { method: 'pickup', locationId: dice.one(world.stores).id };

/** Answers one exception of the order with one of the actions that it offers. */
const answer = async (story: Story, exception: ExceptionView, tries: Tries): Promise<void> => {
  const { book, dice } = story;
  const { exceptionId } = exception;
  const action = dice.weighted(choices(exception, tries));
  if (action === undefined) return;
  tries.set(exceptionId, (tries.get(exceptionId) ?? 0) + 1);
  const startedAt = performance.now();
  const { status } = await story.post(
    `/v1/exceptions/${encodeURIComponent(exceptionId)}/resolution`,
    {
      action,
      reason: REASON,
      ...(action === 'change-delivery' && { delivery: deliveryOf(story) }),
    },
  );
  if (status >= 300) return;
  if (action === 'cancel-order')
    book.cancellations.push({ asked: null, startedAt, settledAt: undefined });
  const parcel = book.left.find(
    ({ shipmentId }) => shipmentId !== undefined && exceptionId.endsWith(shipmentId),
  );
  if (parcel && action === 'reship') parcel.remedy = 'reshipped';
  if (parcel && action === 'refund') parcel.remedy = 'refunded';
};

export class Remedies {
  readonly #tries: Tries = new Map();

  constructor(private readonly story: Story) {}

  open(): Promise<ExceptionView[]> {
    const { client, book } = this.story;
    return client.list<ExceptionView>(`/v1/exceptions?orderId=${book.orderId}`);
  }

  /** Answers one of the open exceptions. */
  async one(): Promise<void> {
    const open = await this.open();
    if (open.length > 0) await answer(this.story, this.story.dice.one(open), this.#tries);
  }

  /** Answers every exception that does not pass by itself; says whether there was one. */
  async all(): Promise<boolean> {
    let isDone = false;
    for (const exception of await this.open()) {
      if (PASSING.includes(exception.class)) continue;
      await answer(this.story, exception, this.#tries);
      isDone = true;
    }
    return isDone;
  }
}
