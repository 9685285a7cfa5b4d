import type { CanonicalOrder, FieldError } from '@throughline/contracts';
import type { KeyReused, Position } from '@throughline/event-store';
import { derivedId, instantOf, readableNumber } from '@throughline/kernel';
import type { Principal } from '@throughline/service-kit';
import type { OpeningQuery } from '../location/opening.query.js';
import type { OrderRejection } from './domain/order.js';
import type { OrderRequest } from './domain/placed-order.js';
import { placementOf } from './domain/placement.js';
import { doubtsAbout } from './doubts.js';
import { orderContentHash } from './order-content.js';
import type { OrderDifferences } from './order-differences.js';
import type { OrderHandler } from './order-handler.js';

export type Taken =
  | {
      readonly ok: true;
      readonly orderId: string;
      readonly orderNumber: string;
      readonly position: Position | undefined;
      /** The same order had been taken before. */
      readonly repeated: boolean;
    }
  | { readonly ok: false; readonly rejection: OrderRejection | KeyReused };

export type Sender = Pick<Principal, 'id' | 'name' | 'channels'>;
/** Takes an order in; its sender may act for its channel. */
export type OrderIntake = (order: CanonicalOrder, sender: Sender) => Promise<Taken>;

/** Every channel's order always has the same id, so that it cannot be taken twice. */
export const orderIdFor = (channel: string, externalId: string): string =>
  derivedId('order', channel, externalId);

/**
 * Takes orders in with one append and no read: the cause is made of order and content, so the same
 * order again is recognised by the store, and other content under the same id is a conflict that
 * the decider then refuses. Only an order that names a location costs a read more: when that is open.
 */
export const orderIntake =
  (
    handle: OrderHandler,
    now: () => string,
    openingOf: OpeningQuery,
    differencesOf: OrderDifferences,
  ): OrderIntake =>
  async (order, sender) => {
    const orderId = orderIdFor(order.channel, order.externalId);
    const orderNumber = readableNumber(orderId);
    const inUtc = withUtcTimes(order);
    if (!inUtc.ok) return { ok: false, rejection: { code: 'invalid-order', errors: inUtc.errors } };
    const locationId = order.fulfillment?.locationId;
    const opening = locationId ? await openingOf(locationId) : undefined;
    const { request } = inUtc;
    const acceptedAt = now();
    const doubts = doubtsAbout(request, acceptedAt);
    const head = { orderId, orderNumber, acceptedAt, request };
    const data = {
      ...head,
      ...(opening && { opening }),
      ...(doubts.length > 0 && { doubts }),
      ...holdsLimit(order, sender),
    };
    const id = derivedId(orderId, orderContentHash(order));
    const result = await handle(
      orderId,
      { type: 'PlaceOrder', data },
      { id, actor: sender.name, actorId: sender.id },
      { likelyNew: true },
    );
    if (!result.ok) {
      if (result.rejection.code !== 'order-exists-with-other-content') return result;
      const fields = await differencesOf(inUtc.request, orderId);
      return { ok: false, rejection: { ...result.rejection, fields } };
    }
    return {
      ok: true,
      orderId,
      orderNumber,
      position: result.position,
      repeated: result.repeated,
    };
  };

/** A sender that is limited to channels uses the holds of the order's channel alone, whatever ids the lines name. */
const holdsLimit = ({ channel, lines }: CanonicalOrder, { channels }: Sender) =>
  channels &&
  lines.some(({ reservationId }) => reservationId !== null && reservationId !== undefined) && {
    holdsOfChannel: channel,
  };

/** What breaks the rules of orders in one of the right shape: told in one answer with faults of optional fields. */
export const orderFaults = (order: CanonicalOrder): readonly FieldError[] => {
  const inUtc = withUtcTimes(order);
  if (!inUtc.ok) return inUtc.errors;
  const placement = placementOf(inUtc.request, { orderId: '', orderNumber: '', acceptedAt: '' });
  return placement.ok ? [] : placement.errors;
};

type InUtc =
  | { readonly ok: true; readonly request: OrderRequest }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** The order's times in UTC; what cannot be such a time is named, however the order came in. */
const withUtcTimes = (order: CanonicalOrder): InUtc => {
  const errors: FieldError[] = [];
  const read = (text: string | null | undefined, field: string): string | null => {
    if (text === null || text === undefined) return null;
    const at = instantOf(text);
    if (at === undefined)
      errors.push({ field, code: 'time', message: 'is no time that can be kept' });
    return at ?? null;
  };
  const placedAt = read(order.placedAt, 'placedAt') ?? '';
  const { fulfillment } = order;
  const request: OrderRequest = {
    ...order,
    placedAt,
    fulfillment: fulfillment && {
      ...fulfillment,
      promisedBy: read(fulfillment.promisedBy, 'fulfillment.promisedBy'),
      notBefore: read(fulfillment.notBefore, 'fulfillment.notBefore'),
    },
  };
  return errors.length > 0 ? { ok: false, errors } : { ok: true, request };
};
