import {
  commandHandler,
  type Cause,
  type CommandHandler,
  type EventStore,
  type Handled,
} from '@throughline/event-store';
import { assertNever, derivedId } from '@throughline/kernel';
import type { PictureOf, ReadPicture } from '../picture/picture.query.js';
import { needsPlan, onlyLocationOf } from './domain/attempt.js';
import { isBarFailure } from './domain/bars.js';
import { sourcing } from './domain/sourcing.decider.js';
import type { Sourcing, SourcingCommand, SourcingEvent } from './domain/sourcing.js';
import { sourcingCodec } from './sourcing.codec.js';
import { retryAfter, type AwaitedThings, type StalledOrders } from './stalled-orders.query.js';

export const CATEGORY = 'sourcing';

export type SourcingHandler = CommandHandler<SourcingCommand, SourcingEvent, Sourcing, never>;

/** Carries out one command on an order's sourcing, and then plans whatever that left open. */
export type Carry = (
  orderId: string,
  command: SourcingCommand,
  cause: Cause,
  options?: { readonly likelyNew?: boolean },
) => Promise<void>;

/** Carries out commands on the streams `sourcing-<orderId>`. */
export const sourcingHandler = (store: EventStore, now: () => string): SourcingHandler =>
  commandHandler({ store, category: CATEGORY, decider: sourcing, codec: sourcingCodec, now });

/** They answer what sourcing said: where it never spoke of an order, another did. */
const ANSWERS: ReadonlySet<SourcingCommand['type']> = new Set([
  'SettleAttempt',
  'RefuseAttempt',
  'TakeOffer',
  'MovePromises',
  'RevokeReservation',
  'ReturnLines',
  'AnswerRecall',
  'RecordHandOver',
]);

/**
 * The steps of one message: its own command, then a plan with the picture of this moment if something is open. The plan
 * has a cause of its own, derived from the message, so that after a crash between the two the redelivered
 * message finds the first step done and does the second.
 */
export const carryOut =
  (
    handle: SourcingHandler,
    read: ReadPicture,
    stalled: Pick<StalledOrders, 'add'>,
    now: () => string,
  ): Carry =>
  async (orderId, command, cause, options) => {
    const handled = handledBy(await handle(orderId, command, cause, options), orderId);
    let { state } = handled;
    if (handled.events.length === 0 && !state.order && ANSWERS.has(command.type))
      throw new Error(`${command.type} for ${orderId}, an order that was never sourced`);
    if (needsPlan(state)) {
      const plan = { ...cause, id: derivedId(cause.id, 'plan') };
      state = await planOpen(handle, read, orderId, state, plan, now());
    }
    const awaited = waitsFor(state, now());
    if (awaited) await stalled.add(orderId, awaited);
  };

/** Plans what is open with a picture of this moment, and answers where that leaves the order. */
export const planOpen = async (
  handle: SourcingHandler,
  read: ReadPicture,
  orderId: string,
  state: Sourcing,
  cause: Cause,
  at: string,
): Promise<Sourcing> => {
  const picture = await read(neededBy(state));
  const command: SourcingCommand = { type: 'PlanAttempt', data: { picture, at } };
  return handledBy(await handle(orderId, command, cause), orderId).state;
};

const neededBy = ({ order, open }: Sourcing): PictureOf => ({
  skus: [...new Set(open.map(({ sku }) => sku))],
  onlyLocationId: order && onlyLocationOf(order),
});

/** What an order cannot go on without; null where it can, or where nothing that comes could help. */
const waitsFor = ({ order, failure, unknownSkus }: Sourcing, now: string): AwaitedThings | null => {
  // Time may end a bar, and goods may come anywhere.
  if (isBarFailure(failure)) return { locationId: null, skus: [], retryAt: retryAfter(now) };
  switch (failure) {
    case 'unknown-location':
    case 'inactive-location':
      return { locationId: order && onlyLocationOf(order), skus: [], retryAt: null };
    case 'unknown-sku':
      return { locationId: null, skus: unknownSkus, retryAt: null };
    case null:
    case 'no-location':
    case 'rejected-by-location':
    case 'rejected-by-all':
    case 'missing-everywhere':
    case 'too-many-returns':
      return null;
    default:
      return assertNever(failure);
  }
};

/** The decider refuses nothing, and messages carry no body hash that could differ: a refusal is a fault. */
const handledBy = (
  result: Awaited<ReturnType<SourcingHandler>>,
  orderId: string,
): Handled<SourcingEvent, Sourcing> => {
  if (!result.ok)
    throw new Error(`Sourcing of ${orderId} refused: ${JSON.stringify(result.rejection)}`);
  return result;
};
