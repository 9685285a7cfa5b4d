import { accept, reject, type Decision } from '@throughline/kernel';
import type {
  Assignment,
  Delivery,
  Fulfillment,
  FulfillmentEvent,
  FulfillmentRejection,
  HandOver,
  LineQuantity,
  Receiver,
} from './fulfillment.js';
import { summed } from './lines.js';
import { contentOf, repeatOf } from './scans.js';

/** Who takes the goods: a carrier what is shipped, the customer what is collected or sold at the counter. */
export const receiverOf = ({ method }: Delivery): Receiver =>
  method === 'ship' ? 'carrier' : 'customer';

/** Hands over every packed package that is ready: a carrier takes only labelled ones. */
export const handOver = (
  { handOverId, receiver: named }: HandOver,
  state: Fulfillment,
  assignment: Assignment,
  delivery: Delivery,
): Decision<FulfillmentEvent, FulfillmentRejection> => {
  const receiver = receiverOf(delivery);
  if (named !== null && named !== receiver)
    return reject({ code: 'wrong-receiver', receiver: named, method: delivery.method });
  const repeated = repeatOf(state, 'hand-over', handOverId, contentOf([]));
  if (repeated) return repeated;
  const packed = [...state.packages].filter(([, { state }]) => state === 'packed');
  const ready = packed.filter(
    ([, { shipmentId }]) => receiver === 'customer' || shipmentId !== null,
  );
  if (ready.length === 0)
    return reject({ code: 'nothing-to-hand-over', unlabelled: packed.length });
  const content: LineQuantity[] = summed(ready.flatMap(([, { lines }]) => lines));
  return accept({
    type: 'GoodsHandedOver',
    data: {
      ...assignment,
      handOverId,
      receiver,
      packages: ready.map(([packageId, { shipmentId }]) => ({ packageId, shipmentId })),
      lines: content.map(({ lineId, quantity }) => {
        const line = state.lines.get(lineId)!;
        return { quantity, after: { ...line, handedOver: line.handedOver + quantity } };
      }),
    },
  });
};
