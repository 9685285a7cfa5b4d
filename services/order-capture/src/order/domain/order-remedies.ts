import { accept, reject, STANDARD_SERVICE, type Decision } from '@throughline/kernel';
import { missingInAddress } from './initial-holds.js';
import type { LineWish, OrderCommand, OrderEvent, OrderRejection, SkuWish } from './order.js';
import type { Order } from './order-state.js';
import { keyOf } from './order-troubles.js';
import type { PlacedOrder } from './placed-order.js';
import { deliveryOf, placedAddress } from './placement.js';

type Data<Type extends OrderCommand['type']> = Extract<
  OrderCommand,
  { readonly type: Type }
>['data'];
type OrderDecision = Decision<OrderEvent, OrderRejection>;

const isOpen = (key: string, { progress }: Order): boolean =>
  progress.troubles.some((trouble) => trouble.key === key);

const unknownException = (key: string): OrderDecision => reject({ code: 'unknown-exception', key });

/**
 * Asks routing to source what is open or waits once more. The exception stays until the answer tells
 * that it is over: a request that comes to nothing must not hide it.
 */
export const sourceAgain = (
  { requestId, key, reason }: Data<'SourceAgain'>,
  order: Order,
): OrderDecision =>
  isOpen(key, order)
    ? accept({ type: 'SourcingRequested', data: { requestId, reason } })
    : unknownException(key);

/** Lets the customer have what is not handed over by other means, and has it sourced for that. */
export const changeDelivery = (
  { requestId, key, reason, at, delivery: wish }: Data<'ChangeDelivery'>,
  order: Order,
): OrderDecision => {
  if (!isOpen(key, order)) return unknownException(key);
  const { method, service, locationId } = wish;
  const soldAt = order.fulfillment.method === 'ship' ? order.fulfillment.locationId : null;
  const fulfillment: PlacedOrder['fulfillment'] = {
    ...order.fulfillment,
    method,
    service: service || STANDARD_SERVICE,
    locationId: method === 'ship' ? soldAt : (locationId ?? null),
  };
  const shipTo = wish.shipTo ? placedAddress(wish.shipTo, order.subjectId) : order.shipTo;
  const missing = missingIn({ fulfillment, shipTo });
  if (missing) return reject({ code: 'delivery-incomplete', missing });
  const delivery = deliveryOf({ fulfillment, shipTo });
  return accept<OrderEvent>(
    { type: 'DeliveryChanged', data: { fulfillment, shipTo, at } },
    { type: 'SourcingRequested', data: { requestId, reason, delivery } },
  );
};

const missingIn = (
  destination: Pick<PlacedOrder, 'fulfillment' | 'shipTo'>,
): string | undefined => {
  const { method, locationId } = destination.fulfillment;
  if (method !== 'ship' && locationId === null) return 'locationId';
  return missingInAddress(destination);
};

/** Sends the units of a lost parcel once more. */
export const reship = (
  { requestId, key, shipmentId, reason }: Data<'Reship'>,
  order: Order,
): OrderDecision => {
  const decided = decidedBefore(shipmentId, 'reshipped', order);
  if (decided) return decided;
  if (!isLost(key, shipmentId, order)) return unknownException(key);
  const lines = contentOf(shipmentId, order);
  return accept({ type: 'ReshipmentRequested', data: { requestId, shipmentId, reason, lines } });
};

/** Gives back the value of the units of a lost parcel. */
export const refundLoss = (
  { requestId, key, shipmentId, reason }: Data<'RefundLoss'>,
  order: Order,
): OrderDecision => {
  const decided = decidedBefore(shipmentId, 'refunded', order);
  if (decided) return decided;
  if (!isLost(key, shipmentId, order)) return unknownException(key);
  const lines = contentOf(shipmentId, order);
  const data = { settlementId: requestId, shipmentId, reason, lines };
  return accept({ type: 'LossSettled', data });
};

/** Two people may decide about one parcel: the second finds it done, or done otherwise. */
const decidedBefore = (
  shipmentId: string,
  how: 'reshipped' | 'refunded',
  { progress }: Order,
): OrderDecision | undefined => {
  const settled = progress.quantities.parcels.get(shipmentId)?.settled;
  if (settled === undefined) return undefined;
  return settled === how ? accept() : reject({ code: 'loss-settled', settled });
};

const isLost = (key: string, shipmentId: string, order: Order): boolean =>
  key === keyOf('parcel-lost', shipmentId) && isOpen(key, order);

const contentOf = (shipmentId: string, { progress }: Order): SkuWish[] => {
  const { parcels, lines } = progress.quantities;
  const content: readonly LineWish[] = parcels.get(shipmentId)!.lines;
  return content.map(({ lineId, quantity }) => ({ lineId, quantity, sku: lines.get(lineId)!.sku }));
};
