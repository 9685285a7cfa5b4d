import { accept, assertNever, reject, type Decider, type Decision } from '@throughline/kernel';
import { inspect } from './inspection.js';
import { excessOf, summed } from './quantities.js';
import { evolve } from './return-state.js';
import { summedGoods, withdrawalOf, without } from './withdrawal.js';
import type {
  OrderReturns,
  Return,
  ReturnCommand,
  ReturnEvent,
  ReturnRejection,
} from './return.js';

type Data<Type extends ReturnCommand['type']> = Extract<ReturnCommand, { type: Type }>['data'];
type Decided = Decision<ReturnEvent, ReturnRejection>;

const nextReturnId = (orderId: string, { returns }: OrderReturns): string =>
  `${orderId}.${returns.size + 1}`;

const request = (
  { orderId, lines, reason }: Data<'RequestReturn'>,
  state: OrderReturns,
): Decided => {
  const { delivered, deliveries, returns } = state;
  if (deliveries.size === 0 && returns.size === 0)
    return reject({ code: 'nothing-delivered', orderId });
  const wanted = summed(lines);
  const excess = excessOf(wanted, (lineId) => {
    const line = delivered.get(lineId);
    return line ? Math.max(0, line.quantity - line.claimed) : 0;
  });
  if (excess.length > 0)
    return reject({
      code: 'not-returnable',
      lines: excess.map(({ open, ...line }) => ({ ...line, returnable: open })),
    });
  const goods = [...wanted].map(([lineId, quantity]) => {
    const { sku } = delivered.get(lineId)!;
    return { lineId, sku, quantity };
  });
  const returnId = nextReturnId(orderId, state);
  return accept({ type: 'ReturnRequested', data: { returnId, reason, lines: goods } });
};

/** A parcel comes back once, however often that is told, and brings nothing that the customer has brought before. */
const openToOrigin = (
  { orderId, shipmentId, locationId, lines: content }: Data<'OpenReturnToOrigin'>,
  state: OrderReturns,
): Decided => {
  const lines = summedGoods(content);
  if (state.origins.has(shipmentId)) return accept();
  const { voided, covered } = withdrawalOf(shipmentId, lines, state);
  const events: ReturnEvent[] = [...voided];
  if (covered.length > 0)
    events.push({ type: 'ReturnToOriginCovered', data: { shipmentId, lines: covered } });
  const goods = without(lines, covered);
  if (goods.length > 0) {
    const data = { returnId: nextReturnId(orderId, state), shipmentId, locationId, lines: goods };
    events.push({ type: 'ReturnToOriginOpened', data });
  }
  return accept(...events);
};

/** What the customer got as a loss cannot be given back once more, whenever the parcel turns up. */
const writeOff = (data: Data<'WriteOffParcel'>, state: OrderReturns): Decided => {
  const { voided } = withdrawalOf(data.shipmentId, summedGoods(data.lines), state);
  return accept<ReturnEvent>(...voided, { type: 'ParcelWrittenOff', data });
};

const isVoid = ({ lines }: Return): boolean =>
  [...lines.values()].every(({ claimed }) => claimed === 0);

const receive = (
  { returnId, locationId, lines }: Data<'ReceiveReturn'>,
  { kind, isApproved, lines: claimed }: Return,
): Decided => {
  if (!isApproved) return reject({ code: 'not-approved', returnId });
  const openOf = (lineId: string): number => {
    const line = claimed.get(lineId);
    return line ? line.claimed - line.received : 0;
  };
  const arrived = lines
    ? summed(lines)
    : new Map([...claimed.keys()].map((lineId) => [lineId, openOf(lineId)]));
  const excess = excessOf(arrived, openOf);
  if (excess.length > 0) return reject({ code: 'over-receipt', lines: excess });
  const goods = [...arrived]
    .filter(([, quantity]) => quantity > 0)
    .map(([lineId, quantity]) => ({ lineId, sku: claimed.get(lineId)!.sku, quantity }));
  // Everything that was expected has been received before.
  if (goods.length === 0) return accept();
  return accept({ type: 'ReturnReceived', data: { returnId, kind, locationId, lines: goods } });
};

const decide = ({ type, data }: ReturnCommand, state: OrderReturns): Decided => {
  switch (type) {
    case 'RecordDelivery':
      // The customer cannot have what has come back; and nothing is delivered twice.
      if (state.deliveries.has(data.deliveryId) || state.origins.has(data.deliveryId))
        return accept();
      return accept({ type: 'GoodsDelivered', data });
    case 'OpenReturnToOrigin':
      return openToOrigin(data, state);
    case 'WriteOffParcel':
      return writeOff(data, state);
    case 'RequestReturn':
      return request(data, state);
    case 'ApproveReturn':
    case 'ReceiveReturn':
    case 'InspectReturn': {
      const found = state.returns.get(data.returnId);
      if (!found) return reject({ code: 'return-unknown', returnId: data.returnId });
      if (isVoid(found)) return reject({ code: 'return-voided', returnId: data.returnId });
      if (type === 'ReceiveReturn') return receive(data, found);
      if (type === 'InspectReturn') return inspect(data, found);
      return found.isApproved ? accept() : accept({ type: 'ReturnApproved', data });
    }
    default:
      return assertNever(type);
  }
};

/**
 * The returns of one order, all in one stream, because they share what was delivered: two claims for the same
 * unit meet here, and one of them is refused.
 */
export const orderReturns: Decider<ReturnCommand, ReturnEvent, OrderReturns, ReturnRejection> = {
  initialState: {
    delivered: new Map(),
    deliveries: new Map(),
    writtenOff: new Map(),
    origins: new Set(),
    returns: new Map(),
  },
  decide,
  evolve,
};
