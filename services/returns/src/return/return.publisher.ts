import { ReturnInspected, ReturnReceived, ReturnRequested } from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher } from '@throughline/messaging';
import { returnCodec } from './return.codec.js';

export const RETURN = 'return';
export const RETURN_TO_ORIGIN_REASON = 'returned to origin';

/** The order that a stream of returns belongs to. */
export const orderOf = (stream: string): string => stream.slice(RETURN.length + 1);

/** What the world hears of returns, keyed by order. */
export const returnPublisher = publisher({
  service: 'returns',
  topic: 'oms.return',
  category: RETURN,
  codec: returnCodec,
  map: ({ type, data }, { stream, metadata: { at } }) => {
    const orderId = orderOf(stream);
    switch (type) {
      case 'ReturnRequested': {
        const { returnId, reason, lines } = data;
        const requested = { orderId, returnId, kind: 'customer', at, reason } as const;
        return [publish(ReturnRequested, orderId, { ...requested, lines: [...lines] })];
      }
      case 'ReturnToOriginOpened': {
        const { returnId, lines } = data;
        const reason = RETURN_TO_ORIGIN_REASON;
        const opened = { orderId, returnId, kind: 'return-to-origin', at, reason } as const;
        return [publish(ReturnRequested, orderId, { ...opened, lines: [...lines] })];
      }
      case 'ReturnReceived': {
        const { returnId, kind, locationId, lines } = data;
        const received = { orderId, returnId, kind, at, locationId };
        return [publish(ReturnReceived, orderId, { ...received, lines: [...lines] })];
      }
      case 'ReturnInspected': {
        const { returnId, kind, locationId, refund, shipmentId, lines } = data;
        const origin = shipmentId === undefined ? {} : { shipmentId };
        const inspected = { orderId, returnId, kind, at, locationId, refund, ...origin };
        return [publish(ReturnInspected, orderId, { ...inspected, lines: [...lines] })];
      }
      case 'GoodsDelivered':
      case 'ReturnToOriginCovered':
      case 'ReturnClaimVoided':
      case 'ParcelWrittenOff':
      case 'ReturnApproved':
        return [];
      default:
        return assertNever(type);
    }
  },
});
