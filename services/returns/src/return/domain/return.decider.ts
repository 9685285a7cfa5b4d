import { accept, assertNever, reject, type Decider, type Decision } from '@throughline/kernel';
import { inspect } from './inspection.js';
import { excessOf, summed } from './quantities.js';
import type {
  Goods,
  OrderReturns,
  Return,
  ReturnCommand,
  ReturnEvent,
  ReturnKind,
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
  const { delivered, returns } = state;
  if (delivered.size === 0 && returns.size === 0)
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

const openToOrigin = (
  { orderId, ...data }: Data<'OpenReturnToOrigin'>,
  state: OrderReturns,
): Decided =>
  // A parcel comes back once, however often that is told.
  state.origins.has(data.shipmentId)
    ? accept()
    : accept({
        type: 'ReturnToOriginOpened',
        data: { returnId: nextReturnId(orderId, state), ...data },
      });

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
    case 'RequestReturn':
      return request(data, state);
    case 'ApproveReturn':
    case 'ReceiveReturn':
    case 'InspectReturn': {
      const found = state.returns.get(data.returnId);
      if (!found) return reject({ code: 'return-unknown', returnId: data.returnId });
      if (type === 'ReceiveReturn') return receive(data, found);
      if (type === 'InspectReturn') return inspect(data, found);
      return found.isApproved ? accept() : accept({ type: 'ReturnApproved', data });
    }
    default:
      return assertNever(type);
  }
};

/** Adds units to what was delivered or claimed; negative ones take away, never below zero. */
const counting = (
  delivered: OrderReturns['delivered'],
  field: 'quantity' | 'claimed',
  lines: readonly Goods[],
  sign: 1 | -1 = 1,
): OrderReturns['delivered'] => {
  const counted = new Map(delivered);
  for (const { lineId, sku, quantity } of lines) {
    const before = counted.get(lineId) ?? { sku, quantity: 0, claimed: 0 };
    const after = Math.max(0, before[field] + sign * quantity);
    counted.set(lineId, { ...before, [field]: after });
  }
  return counted;
};

const opened = (kind: ReturnKind, goods: readonly Goods[]): Return => {
  const lines = new Map<string, { sku: string; claimed: number; received: number }>();
  for (const { lineId, sku, quantity } of goods)
    lines.set(lineId, { sku, claimed: (lines.get(lineId)?.claimed ?? 0) + quantity, received: 0 });
  return { kind, isApproved: kind === 'return-to-origin', lines, waiting: new Map() };
};

const moved = (
  { waiting }: Return,
  locationId: string,
  goods: readonly Goods[],
  sign: 1 | -1,
): Return['waiting'] => {
  const there = new Map(waiting.get(locationId));
  for (const { lineId, quantity } of goods) {
    const left = (there.get(lineId) ?? 0) + sign * quantity;
    if (left > 0) there.set(lineId, left);
    else there.delete(lineId);
  }
  const places = new Map(waiting).set(locationId, there);
  if (there.size === 0) places.delete(locationId);
  return places;
};

const received = (before: Return, locationId: string, goods: readonly Goods[]): Return => {
  const lines = new Map(before.lines);
  for (const { lineId, sku, quantity } of goods) {
    const line = lines.get(lineId) ?? { sku, claimed: 0, received: 0 };
    lines.set(lineId, { ...line, received: line.received + quantity });
  }
  return { ...before, lines, waiting: moved(before, locationId, goods, 1) };
};

const evolve = (state: OrderReturns, { type, data }: ReturnEvent): OrderReturns => {
  const { delivered, deliveries, origins, returns } = state;
  if (type === 'GoodsDelivered')
    return {
      ...state,
      delivered: counting(delivered, 'quantity', data.lines),
      deliveries: new Set(deliveries).add(data.deliveryId),
    };
  const withReturn = (changed: Return): OrderReturns['returns'] =>
    new Map(returns).set(data.returnId, changed);
  if (type === 'ReturnRequested')
    return {
      ...state,
      delivered: counting(delivered, 'claimed', data.lines),
      returns: withReturn(opened('customer', data.lines)),
    };
  if (type === 'ReturnToOriginOpened')
    return {
      ...state,
      // What was called delivered before has not reached the customer after all.
      delivered: deliveries.has(data.shipmentId)
        ? counting(delivered, 'quantity', data.lines, -1)
        : delivered,
      origins: new Set(origins).add(data.shipmentId),
      returns: withReturn(opened('return-to-origin', data.lines)),
    };
  const before = returns.get(data.returnId)!;
  switch (type) {
    case 'ReturnApproved':
      return { ...state, returns: withReturn({ ...before, isApproved: true }) };
    case 'ReturnReceived':
      return { ...state, returns: withReturn(received(before, data.locationId, data.lines)) };
    case 'ReturnInspected': {
      const waiting = moved(before, data.locationId, data.lines, -1);
      return { ...state, returns: withReturn({ ...before, waiting }) };
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
    deliveries: new Set(),
    origins: new Set(),
    returns: new Map(),
  },
  decide,
  evolve,
};
