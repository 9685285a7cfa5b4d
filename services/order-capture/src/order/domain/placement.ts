import { derivedId, STANDARD_SERVICE } from '@throughline/kernel';
import { initialHolds, type Destination } from './initial-holds.js';
import type { Delivery, Doubt, FieldProblem, Hold } from './order.js';
import { placedAmounts, type PlacedAmounts } from './placement-amounts.js';
import type {
  Opening,
  OrderRequest,
  PlacedAddress,
  PlacedLine,
  PlacedOrder,
  RequestedAddress,
} from './placed-order.js';

export type Placement =
  | { readonly ok: true; readonly order: PlacedOrder; readonly holds: readonly Hold[] }
  | { readonly ok: false; readonly errors: readonly FieldProblem[] };

type Identity = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly acceptedAt: string;
};

/**
 * Turns a channel's order into an accepted one: every amount exact, every line with its share of
 * the total, personal data apart. Answers what breaks a rule, or the order with the holds that it
 * starts with. `opening` is that of the location that the order names, where it is known; `doubts` are what
 * the way in knows against it.
 */
export const placementOf = (
  request: OrderRequest,
  identity: Identity,
  { opening, doubts = [] }: { readonly opening?: Opening; readonly doubts?: readonly Doubt[] } = {},
): Placement => {
  const errors: FieldProblem[] = [];
  checkText(request, errors);
  checkLineIds(request, errors);
  checkLocation(request, errors);
  if (opening) checkOpening(opening, identity, errors);
  const amounts = placedAmounts(request, errors);
  if (errors.length > 0) return { ok: false, errors };
  const placed = placedOrder(request, identity, amounts);
  const isAhead = doubts.includes('placed-ahead');
  const order = isAhead ? { ...placed, listedAt: placed.acceptedAt } : placed;
  return { ok: true, order, holds: initialHolds(order, amounts, doubts) };
};

const checkLineIds = ({ lines }: OrderRequest, errors: FieldProblem[]): void => {
  const seen = new Set<string>();
  for (const [index, { lineId }] of lines.entries()) {
    if (seen.has(lineId))
      errors.push({
        field: `lines[${index}].lineId`,
        code: 'duplicate',
        message: 'is already the id of an earlier line',
      });
    seen.add(lineId);
  }
};

const checkLocation = ({ fulfillment }: OrderRequest, errors: FieldProblem[]): void => {
  if (!fulfillment || fulfillment.method === 'ship' || fulfillment.locationId) return;
  errors.push({
    field: 'fulfillment.locationId',
    code: 'required',
    message: `is required for ${fulfillment.method}`,
  });
};

/** An order for a location that exists for a time, such as a pop-up store, is taken in that time alone. */
const checkOpening = (
  { from, to }: Opening,
  { acceptedAt }: Identity,
  errors: FieldProblem[],
): void => {
  const closed = (message: string) =>
    errors.push({ field: 'fulfillment.locationId', code: 'location-closed', message });
  if (from !== null && acceptedAt < from) closed(`is a location that opens at ${from}`);
  if (to !== null && acceptedAt >= to) closed(`is a location that closed at ${to}`);
};

/** NUL and lone surrogates cannot be stored in Postgres, wherever they hide. */
const checkText = (request: OrderRequest, errors: FieldProblem[]): void => {
  const path = unstorable(request);
  if (path === undefined) return;
  const field = path.replace(/^\./, '');
  errors.push({ field, code: 'text', message: 'holds characters that are no text' });
};

/**
 * Path to the first text that cannot be stored; names are built on the way back, so good input
 * costs little.
 */
const unstorable = (value: unknown): string | undefined => {
  if (typeof value === 'string')
    return value.includes('\u0000') || !value.isWellFormed() ? '' : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const name in value) {
    if (unstorable(name) !== undefined) return '';
    const path = unstorable((value as Readonly<Record<string, unknown>>)[name]);
    if (path !== undefined) return (Array.isArray(value) ? `[${name}]` : `.${name}`) + path;
  }
  return undefined;
};

/** An address as accepted; `subjectId` names the person in it. */
export const placedAddress = (address: RequestedAddress, subjectId: string): PlacedAddress => ({
  personal: {
    subjectId,
    name: address.personal?.name ?? null,
    phone: address.personal?.phone ?? null,
    lines: address.personal?.lines ?? [],
  },
  city: address.city ?? null,
  region: address.region ?? null,
  postalCode: address.postalCode?.trim() || null,
  country: address.country ?? null,
  verified: address.verified ?? false,
});

const placedOrder = (
  request: OrderRequest,
  { orderId, orderNumber, acceptedAt }: Identity,
  amounts: PlacedAmounts,
): PlacedOrder => {
  const { channel, customer, fulfillment, shipTo, billTo } = request;
  const subjectId = customer?.id ? derivedId('subject', channel, customer.id) : orderId;
  return {
    orderId,
    orderNumber,
    channel,
    externalId: request.externalId,
    placedAt: request.placedAt,
    acceptedAt,
    currency: request.currency,
    taxIncluded: request.taxIncluded ?? false,
    totalMinor: amounts.totalMinor,
    customer: {
      id: customer?.id ?? null,
      type: customer?.type ?? 'consumer',
      personal: {
        subjectId,
        name: customer?.personal?.name ?? null,
        email: customer?.personal?.email ?? null,
        phone: customer?.personal?.phone ?? null,
      },
    },
    shipTo: shipTo ? placedAddress(shipTo, subjectId) : null,
    billTo: billTo ? placedAddress(billTo, subjectId) : null,
    fulfillment: {
      method: fulfillment?.method ?? 'ship',
      service: fulfillment?.service || STANDARD_SERVICE,
      locationId: fulfillment?.locationId ?? null,
      promisedBy: fulfillment?.promisedBy ?? null,
      notBefore: fulfillment?.notBefore ?? null,
    },
    payments: (request.payments ?? []).map(({ method, status, reference }, index) => ({
      method,
      status,
      amountMinor: amounts.paymentsMinor[index]!,
      reference: reference ?? null,
    })),
    lines: placedLines(request, amounts),
    shipping: amounts.shipping,
    discounts: (request.discounts ?? []).map(({ code, description }, index) => ({
      amountMinor: amounts.discountsMinor[index]!,
      code: code ?? null,
      description: description ?? null,
    })),
    purchaseOrder: request.purchaseOrder ?? null,
    notes: request.notes ? { personal: { subjectId, text: request.notes } } : null,
    tags: request.tags ?? [],
    attributes: request.attributes ?? {},
  };
};

const placedLines = ({ lines }: OrderRequest, amounts: PlacedAmounts): PlacedLine[] =>
  lines.map((line, index) => {
    const { discountMinor, taxMinor, valueMinor } = amounts.lines[index]!;
    const { lineId, sku, name, quantity, unitPrice, reservationId, attributes } = line;
    return {
      lineId,
      sku,
      ...(name && { name }),
      quantity,
      unitPrice,
      ...(discountMinor !== 0 && { discountMinor }),
      ...(taxMinor !== 0 && { taxMinor }),
      valueMinor,
      ...(reservationId && { reservationId }),
      ...(attributes && Object.keys(attributes).length > 0 && { attributes }),
    };
  });

/**
 * How the goods get to the customer; no `shipTo` where they are handed over or nobody knows the
 * country.
 */
export const deliveryOf = ({ shipTo, fulfillment }: Destination): Delivery => {
  const { method, service, locationId, promisedBy, notBefore } = fulfillment;
  const terms = { method, service, promisedBy, ...(notBefore !== null && { notBefore }) };
  if (method !== 'ship') return { ...terms, locationId, shipTo: null };
  // Of what is shipped it is the place that sold, which nobody else needs to know.
  if (!shipTo?.country) return { ...terms, locationId: null, shipTo: null };
  const { personal, city, region, postalCode, country } = shipTo;
  return { ...terms, locationId: null, shipTo: { personal, city, region, postalCode, country } };
};
