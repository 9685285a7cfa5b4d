import { assertNever } from '@throughline/kernel';
import type { Goods, OrderReturns, Return, ReturnEvent, ReturnKind } from './return.js';
import { summedGoods, without } from './withdrawal.js';

type ParcelEvent = 'GoodsDelivered' | 'ReturnToOriginCovered' | 'ParcelWrittenOff';

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

const opened = (shipmentId: string | null, goods: readonly Goods[]): Return => {
  const kind: ReturnKind = shipmentId === null ? 'customer' : 'return-to-origin';
  const lines = new Map<string, { sku: string; claimed: number; received: number }>();
  for (const { lineId, sku, quantity } of goods)
    lines.set(lineId, { sku, claimed: (lines.get(lineId)?.claimed ?? 0) + quantity, received: 0 });
  return { kind, shipmentId, isApproved: shipmentId !== null, lines, waiting: new Map() };
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

/** Fewer units of a delivery count as being with the customer. */
const withdrawn = (
  { delivered, deliveries }: OrderReturns,
  shipmentId: string,
  lines: readonly Goods[],
): Pick<OrderReturns, 'delivered' | 'deliveries'> => {
  const counted = deliveries.get(shipmentId);
  if (!counted) return { delivered, deliveries };
  const left = without(counted, summedGoods(lines));
  return {
    delivered: counting(delivered, 'quantity', without(counted, left), -1),
    deliveries: new Map(deliveries).set(shipmentId, left),
  };
};

const voided = (before: Return, goods: readonly Goods[]): Return => {
  const lines = new Map(before.lines);
  for (const { lineId, quantity } of goods) {
    const line = lines.get(lineId)!;
    lines.set(lineId, { ...line, claimed: line.claimed - quantity });
  }
  return { ...before, lines };
};

const PARCEL_EVENTS: ReadonlySet<string> = new Set<ParcelEvent>([
  'GoodsDelivered',
  'ReturnToOriginCovered',
  'ParcelWrittenOff',
]);

const isOfParcel = (event: ReturnEvent): event is Extract<ReturnEvent, { type: ParcelEvent }> =>
  PARCEL_EVENTS.has(event.type);

/** What is known of deliveries and parcels, apart from any return. */
const afterParcel = (
  state: OrderReturns,
  { type, data }: Extract<ReturnEvent, { type: ParcelEvent }>,
): OrderReturns => {
  const { delivered, deliveries, origins, writtenOff } = state;
  switch (type) {
    case 'GoodsDelivered': {
      const { deliveryId } = data;
      const lines = without(summedGoods(data.lines), writtenOff.get(deliveryId) ?? []);
      return {
        ...state,
        delivered: counting(delivered, 'quantity', lines),
        deliveries: new Map(deliveries).set(deliveryId, lines),
      };
    }
    case 'ReturnToOriginCovered':
      return { ...state, origins: new Set(origins).add(data.shipmentId) };
    case 'ParcelWrittenOff': {
      const { shipmentId } = data;
      const lines = summedGoods([...(writtenOff.get(shipmentId) ?? []), ...data.lines]);
      return {
        ...state,
        ...withdrawn(state, shipmentId, data.lines),
        writtenOff: new Map(writtenOff).set(shipmentId, lines),
      };
    }
    default:
      return assertNever(type);
  }
};

/** What an order's returns are after one more event. */
export const evolve = (state: OrderReturns, event: ReturnEvent): OrderReturns => {
  if (isOfParcel(event)) return afterParcel(state, event);
  const { type, data } = event;
  const { delivered, origins, returns } = state;
  const withReturn = (changed: Return): OrderReturns['returns'] =>
    new Map(returns).set(data.returnId, changed);
  if (type === 'ReturnRequested')
    return {
      ...state,
      delivered: counting(delivered, 'claimed', data.lines),
      returns: withReturn(opened(null, data.lines)),
    };
  if (type === 'ReturnToOriginOpened')
    return {
      ...state,
      // What was called delivered before has not reached the customer after all.
      ...withdrawn(state, data.shipmentId, data.lines),
      origins: new Set(origins).add(data.shipmentId),
      returns: withReturn(opened(data.shipmentId, data.lines)),
    };
  const before = returns.get(data.returnId)!;
  switch (type) {
    case 'ReturnApproved':
      return { ...state, returns: withReturn({ ...before, isApproved: true }) };
    case 'ReturnClaimVoided':
      return {
        ...state,
        delivered: counting(delivered, 'claimed', data.lines, -1),
        returns: withReturn(voided(before, data.lines)),
      };
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
