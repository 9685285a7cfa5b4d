import {
  accept,
  isDeliveryService,
  reject,
  STANDARD_SERVICE,
  type Decision,
} from '@throughline/kernel';
import { addressFault, addressHoldId, mappingHoldId } from './initial-holds.js';
import type { OrderCommand, OrderEvent, OrderRejection } from './order.js';
import { isCancelled } from './order-cancellation.js';
import { acceptWithConsequences } from './order-consequences.js';
import type { Order } from './order-state.js';
import { placedAddress } from './placement.js';

type Edit = Extract<OrderCommand, { readonly type: 'EditOrder' }>['data'];
type OrderDecision = Decision<OrderEvent, OrderRejection>;

/** What a person corrects before others act on the order: where it goes, and how soon. */
export const editOrder = (edit: Edit, order: Order): OrderDecision => {
  const { progress } = order;
  if (progress.approved) return reject({ code: 'already-approved' });
  if (isCancelled(progress.quantities)) return reject({ code: 'order-cancelled' });
  const events = [...serviceChanged(edit, order), ...addressChanged(edit, order)];
  return events.length > 0 ? acceptWithConsequences(order, ...events) : accept();
};

const isHeldBy = ({ progress }: Order, id: string): boolean =>
  progress.holds.some(({ holdId }) => holdId === id);

const serviceChanged = ({ service, at }: Edit, order: Order): OrderEvent[] => {
  if (service === undefined) return [];
  const holdId = mappingHoldId(order.orderId);
  const { shipTo } = order;
  const fulfillment = { ...order.fulfillment, service };
  const changed: OrderEvent = { type: 'DeliveryChanged', data: { fulfillment, shipTo, at } };
  if (!isHeldBy(order, holdId)) return [changed];
  const data = { holdId, reason: 'The service was changed', by: 'service' } as const;
  return [changed, { type: 'HoldReleased', data }];
};

const addressChanged = ({ shipTo: stated, at, doubts = [] }: Edit, order: Order): OrderEvent[] => {
  if (stated === undefined) return [];
  const { orderId, subjectId, fulfillment } = order;
  const shipTo = placedAddress(stated, subjectId);
  const events: OrderEvent[] = [{ type: 'AddressChanged', data: { shipTo, at } }];
  // The hold of a faulty address ends with that address; the new one may need its own.
  const holdId = addressHoldId(orderId);
  if (isHeldBy(order, holdId))
    events.push({
      type: 'HoldReleased',
      data: { holdId, reason: 'The address was changed', by: 'address' },
    });
  const reason = addressFault({ shipTo, fulfillment }, doubts);
  if (reason !== undefined)
    events.push({ type: 'HoldPlaced', data: { holdId, kind: 'address', reason, at } });
  return events;
};

/** With the hold of a service that is not known goes the service: the parcel is sent as standard. */
export const serviceSettled = (holdId: string, at: string, order: Order): readonly OrderEvent[] => {
  const { orderId, fulfillment, shipTo } = order;
  if (holdId !== mappingHoldId(orderId) || isDeliveryService(fulfillment.service)) return [];
  const settled = { ...fulfillment, service: STANDARD_SERVICE };
  return [{ type: 'DeliveryChanged', data: { fulfillment: settled, shipTo, at } }];
};
