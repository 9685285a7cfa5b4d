import { carrierMischief, carrierToRest } from './carrier.js';
import { cancel, edit, hold, refundByHand } from './customer.js';
import { deskMischief, deskToRest, requestReturn } from './desk.js';
import { floorMischief, floorToRest } from './floor.js';
import { Remedies } from './remedies.js';
import type { Look, Story } from './story.js';
import { isAtRest, type OrderView } from './views.js';
import type { Wish } from './wish.js';

const PAUSE_MS = 60;
const ROUNDS = { fewest: 8, most: 40 };
const HOLD_SECONDS = 900;

const IDLE_LOOKS_MAX = 60;
const IMPATIENT_SHARE = 0.06;

/** Nothing can be done about it just now, but soon. */
const isComing = ({ order: { status, holds, exceptions, lines }, works }: Look): boolean =>
  ['received', 'approved', 'confirmed', 'cancelling'].includes(status) &&
  holds.length + exceptions.length + works.length === 0 &&
  lines.every(({ quantities }) => quantities.backordered === 0);

/** A checkout's hold on the goods of the order, which its lines then name; undefined where there is too little. */
const holdFor = async (story: Story, { lines, locationId }: Wish): Promise<string | undefined> => {
  const { status, body } = await story.post<{ reservationId: string }>(
    '/v1/inventory/reservations',
    {
      lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
      ...(locationId === null
        ? { shipTo: { country: 'GB', postalCode: 'LS1 4DY' } }
        : { locationId }),
      ttlSeconds: HOLD_SECONDS,
    },
  );
  return status < 300 ? body.reservationId : undefined;
};

/** One order from its placing on: first anything may happen, then everything is brought to an end. */
export class Tale {
  readonly #remedies: Remedies;
  last: OrderView | undefined;

  constructor(
    readonly story: Story,
    private readonly wish: Wish,
  ) {
    this.#remedies = new Remedies(story);
  }

  async place(): Promise<void> {
    const { story, wish } = this;
    const reservationId = wish.holds ? await holdFor(story, wish) : undefined;
    const lines = wish.body['lines'] as readonly object[];
    const body = {
      ...wish.body,
      ...(reservationId && { lines: lines.map((line) => ({ ...line, reservationId })) }),
    };
    const placed = await story.post<{ orderId: string }>('/v1/orders', body);
    if (placed.status >= 300)
      throw new Error(`An order was answered ${placed.status}: ${JSON.stringify(placed.body)}`);
    story.book.orderId = placed.body.orderId;
  }

  /** Rounds in which anybody may do anything, some of it at the same moment. */
  async wild(): Promise<void> {
    const { story } = this;
    const rounds = story.dice.between(ROUNDS.fewest, ROUNDS.most);
    let idle = 0;
    for (let round = 0; round < rounds;) {
      const look = await story.look();
      // What only waits for the system uses no round up, or slow machines would see tame histories.
      const waits = isComing(look) && idle < IDLE_LOOKS_MAX && !story.dice.is(IMPATIENT_SHARE);
      if (waits) idle += 1;
      else {
        round += 1;
        await this.#act(look);
      }
      await story.pause(PAUSE_MS);
    }
  }

  async #act(look: Look): Promise<void> {
    const { story } = this;
    const { order, works } = look;
    const { dice } = story;
    const { delivered } = order.units;
    const act = dice.weighted<() => Promise<void>>([
      [works.length > 0 ? 60 : 0, () => floorMischief(story, look)],
      [story.book.packages.size > 0 ? 16 : 0, () => carrierMischief(story)],
      [2, () => cancel(story, order)],
      [order.holds.length > 0 ? 8 : 1, () => hold(story, order)],
      [2, () => edit(story)],
      [order.exceptions.length > 0 ? 10 : 0, () => this.#remedies.one()],
      [delivered > 0 ? 10 : 0, () => requestReturn(story, order)],
      [delivered > 0 || order.units.returnedToOrigin > 0 ? 14 : 0, () => deskMischief(story)],
      [2, () => refundByHand(story)],
    ])!;
    await act();
  }

  /** One pass over what is left to do; true when nothing is. */
  async settle(): Promise<boolean> {
    const { story } = this;
    const look = await story.look();
    this.last = look.order;
    const acts = [
      await floorToRest(story, look),
      await carrierToRest(story),
      look.order.exceptions.length > 0 && (await this.#remedies.all()),
      await deskToRest(story),
    ];
    return isAtRest(look.order) && !acts.some(Boolean);
  }

  get quietMs(): number {
    return performance.now() - this.story.movedAt;
  }
}
