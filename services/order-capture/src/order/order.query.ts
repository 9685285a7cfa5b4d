import {
  readable,
  shownAsker,
  type EventStore,
  type RecordedEvent,
} from '@throughline/event-store';
import { fold, formatAmount } from '@throughline/kernel';
import { pageOf, sortValues, type Page, type PageRequest } from '@throughline/service-kit';
import { bucketsOf, type LineBuckets } from './domain/order-buckets.js';
import { summaryOf } from './domain/order-progress.js';
import { emptyView, evolveView, locationsIn, type OrderView } from './domain/order-view.js';
import type { PlacedAddress, PlacedLine, PlacedOrder } from './domain/placed-order.js';
import { itemOf, standingOf } from './order-item.js';
import { orderCodec } from './order.codec.js';
import { ORDER_CATEGORY } from './order.publisher.js';

export const ORDER_QUERY = Symbol('order query');

/** An order's stream as its page shows it; always current, because nothing lies between. */
export type OrderQuery = {
  /** The order, or as it was at `asOf` (ISO 8601, UTC); undefined when there was none. */
  one(orderId: string, asOf?: string): Promise<OrderAnswer | undefined>;
  /** Where it was sold, and every location that ever had to do with it; undefined when there is no such order. */
  reach(orderId: string): Promise<OrderReach | undefined>;
  /** Its events in order, newest shape; undefined when there is no such order. */
  events(orderId: string, request: PageRequest): Promise<Page<EventAnswer> | undefined>;
};

export type OrderReach = { readonly channel: string; readonly locations: readonly string[] };
export type OrderAnswer = ReturnType<typeof answerOf>;
export type EventAnswer = ReturnType<typeof eventOf>;

export const orderQuery = (store: EventStore, now: () => string): OrderQuery => ({
  one: async (orderId, asOf) => {
    const recorded = await store.read(`${ORDER_CATEGORY}-${orderId}`);
    const known = asOf ? recorded.filter(({ metadata }) => metadata.at <= asOf) : recorded;
    return readable(`${ORDER_CATEGORY}-${orderId}`, () => {
      const view = fold({ evolve: evolveView }, emptyView, known.map(orderCodec.decode));
      return view.placed ? answerOf(view.placed, view, asOf ?? now()) : undefined;
    });
  },
  reach: async (orderId) => {
    const recorded = await store.read(`${ORDER_CATEGORY}-${orderId}`);
    return readable(`${ORDER_CATEGORY}-${orderId}`, () => {
      const events = recorded.map(orderCodec.decode);
      const placed = events.find((event) => event.type === 'OrderPlaced');
      return placed && { channel: placed.data.channel, locations: events.flatMap(locationsIn) };
    });
  },
  events: async (orderId, { limit, after }) => {
    const [last] = after ? sortValues(after, ['int4']) : [-1];
    const from = last + 1;
    const recorded = await store.read(`${ORDER_CATEGORY}-${orderId}`, from);
    if (recorded.length === 0 && from === 0) return undefined;
    return pageOf(recorded.slice(0, limit + 1), limit, ({ revision }) => [revision], eventOf);
  },
});

const eventOf = (recorded: RecordedEvent) => {
  const { revision, id, version, metadata } = recorded;
  const { type, data } = readable(recorded.stream, () => orderCodec.decode(recorded));
  return {
    revision,
    eventId: id,
    type,
    version,
    at: metadata.at,
    ...shownAsker(metadata),
    causationId: metadata.causationId,
    correlationId: metadata.correlationId,
    data,
  };
};

const answerOf = (placed: PlacedOrder, view: OrderView, at: string) => {
  const { currency, customer, fulfillment, payments, shipping, discounts, totalMinor } = placed;
  const money = (amountMinor: number) => formatAmount(amountMinor, currency);
  const summary = summaryOf(view.progress);
  const head = {
    orderId: placed.orderId,
    orderNumber: placed.orderNumber,
    channel: placed.channel,
    externalId: placed.externalId,
    placedAt: placed.placedAt,
    acceptedAt: placed.acceptedAt,
    currency,
    totalMinor,
    customerId: customer.id,
    country: placed.shipTo?.country ?? null,
  };
  return {
    ...itemOf(head, summary.status, standingOf(summary)),
    taxIncluded: placed.taxIncluded,
    customer: { ...customer, personal: shownPerson(customer.personal) },
    shipTo: placed.shipTo && shownAddress(placed.shipTo),
    billTo: placed.billTo && shownAddress(placed.billTo),
    fulfillment: { ...fulfillment, late: isLate(fulfillment, summary.totals, at) },
    soldAt: view.soldAt,
    payments: payments.map(({ amountMinor, ...payment }) => ({
      ...payment,
      amount: money(amountMinor),
    })),
    shipping: shipping && { price: money(shipping.priceMinor), tax: money(shipping.taxMinor) },
    discounts: discounts.map(({ amountMinor, ...discount }) => ({
      ...discount,
      amount: money(amountMinor),
    })),
    purchaseOrder: placed.purchaseOrder,
    notes: placed.notes?.personal.text ?? null,
    tags: placed.tags,
    attributes: placed.attributes,
    lines: placed.lines.map((line) => lineOf(line, view, money)),
    fulfillments: fulfillmentsOf(view),
    shipments: shipmentsOf(view),
  };
};

/** What is promised has not left in full, or is on its way still, and the time has passed. */
const isLate = (
  { promisedBy }: PlacedOrder['fulfillment'],
  { open, backordered, sourced, picked, packed, shipped }: LineBuckets,
  at: string,
): boolean =>
  promisedBy !== null &&
  open + backordered + sourced + picked + packed + shipped > 0 &&
  Date.parse(promisedBy) < Date.parse(at);

/** The subject id is for those who keep the data, not for those who read it. */
const shownPerson = <Person extends { readonly subjectId: string }>(
  person: Person,
): Omit<Person, 'subjectId'> => {
  const { subjectId, ...shown } = person;
  void subjectId;
  return shown;
};

const shownAddress = ({ personal, ...address }: PlacedAddress) => ({
  ...address,
  personal: shownPerson(personal),
});

const lineOf = (line: PlacedLine, view: OrderView, money: (amountMinor: number) => string) => {
  const { lines, attempt } = view.progress.quantities;
  const { lineId, sku, name, quantity, unitPrice, discountMinor, taxMinor } = line;
  const facts = lines.get(lineId)!;
  const { cancelling, ...quantities } = bucketsOf(facts, attempt);
  return {
    lineId,
    sku,
    name: name ?? null,
    quantity,
    unitPrice,
    discount: money(discountMinor ?? 0),
    tax: money(taxMinor ?? 0),
    value: money(line.valueMinor),
    reservationId: line.reservationId ?? null,
    attributes: line.attributes ?? {},
    promisedOn: quantities.backordered > 0 ? facts.promisedOn : null,
    cancelling,
    quantities,
  };
};

const fulfillmentsOf = ({ fulfillments, progress }: OrderView) => {
  const works = [...progress.quantities.lines].flatMap(([lineId, { sku, works: own }]) =>
    own.map(({ fulfillmentId, released, picked, packed, handedOver, shorted, cancelled }) => ({
      fulfillmentId,
      line: {
        lineId,
        sku,
        quantity: released,
        picked,
        packed,
        handedOver,
        shorted,
        cancelled,
      },
    })),
  );
  const byFulfillment = Map.groupBy(works, ({ fulfillmentId }) => fulfillmentId);
  return [...fulfillments].map(([fulfillmentId, { locationId, attempt }]) => ({
    fulfillmentId,
    locationId,
    attempt,
    lines: (byFulfillment.get(fulfillmentId) ?? []).map(({ line }) => line),
  }));
};

const shipmentsOf = ({ shipments, progress }: OrderView) =>
  [...shipments].map(([shipmentId, shipment]) => {
    const { status, lines, settled } = progress.quantities.parcels.get(shipmentId)!;
    return {
      shipmentId,
      ...shipment,
      status,
      settled: settled ?? null,
      lines: lines.map(({ lineId, quantity }) => ({
        lineId,
        sku: progress.quantities.lines.get(lineId)?.sku ?? '',
        quantity,
      })),
    };
  });
