import { Book } from './book.js';
import type { Dice } from './dice.js';
import { goodsMinor, priced, written, type LinePrice } from './money.js';
import type { World } from './world.js';

const CURRENCIES = [
  { code: 'GBP', decimals: 2 },
  { code: 'GBP', decimals: 2 },
  { code: 'GBP', decimals: 2 },
  { code: 'JPY', decimals: 0 },
] as const;
const POSTAL_CODES = ['SW1Y 4JH', 'M1 1AE', 'EH1 1YZ', 'CF10 1EP', 'LS1 4DY', 'BT1 5GS'];
const CHANNELS = ['web', 'shop', 'market'];
const UNIT_MICRO_MAX = 40_000_000;

export type Wish = {
  readonly book: Book;
  /** Body of `POST /v1/orders`, as far as it does not depend on a checkout's hold. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly locationId: string | null;
  /** Holds stock before it orders. */
  readonly holds: boolean;
};

type Currency = Book['currency'];

const priceOf = (
  dice: Dice,
  { decimals }: Currency,
  quantity: number,
  sku: string,
  lineId: string,
) => {
  const step = decimals === 0 ? 1_000_000 : 100;
  const unitMicro = Math.max(1, Math.floor((dice.next() * UNIT_MICRO_MAX) / step)) * step;
  const goods = goodsMinor(unitMicro, quantity, decimals);
  const discountMinor = dice.is(0.3) ? Math.floor(goods * dice.next() * 0.5) : 0;
  const taxMinor = dice.is(0.5) ? Math.floor(goods * 0.2) : 0;
  return { lineId, quantity, sku, unitMicro, discountMinor, taxMinor };
};

const microText = (micro: number): string =>
  `${Math.floor(micro / 1_000_000)}.${String(micro % 1_000_000).padStart(6, '0')}`;

/** How the order is paid, and what that is worth from the first: by one way or by two. */
const paymentsOf = (dice: Dice, totalMinor: number, { decimals }: Currency) => {
  const text = (minor: number) => written(minor, decimals);
  const pay = (method: string, status: string, minor: number) => ({
    method,
    status,
    amount: text(minor),
    reference: null,
  });
  const part = Math.floor(totalMinor * dice.next());
  const kind = dice.weighted<string>([
    [40, 'authorized'],
    [20, 'paid'],
    [10, 'cod'],
    [8, 'paid-cod'],
    [8, 'paid-authorized'],
    [6, 'invoice'],
    [4, 'failed'],
    [4, 'pending'],
  ])!;
  const none = { paidMinor: 0, authorizedMinor: 0 };
  switch (kind) {
    case 'authorized':
      return {
        funds: { ...none, authorizedMinor: totalMinor },
        payments: [pay('card', 'authorized', totalMinor)],
      };
    case 'paid':
      return {
        funds: { ...none, paidMinor: totalMinor },
        payments: [pay('wallet', 'paid', totalMinor)],
      };
    case 'paid-cod':
      return {
        funds: { ...none, paidMinor: part },
        payments: [pay('gift-card', 'paid', part), pay('cod', 'pending', totalMinor - part)],
      };
    case 'paid-authorized':
      return {
        funds: { paidMinor: part, authorizedMinor: totalMinor - part },
        payments: [pay('gift-card', 'paid', part), pay('card', 'authorized', totalMinor - part)],
      };
    case 'failed':
    case 'pending':
      return { funds: none, payments: [pay('card', kind, totalMinor)] };
    default:
      return { funds: none, payments: [pay(kind, 'pending', totalMinor)] };
  }
};

const linesOf = (dice: Dice, { goods }: World, currency: Currency) =>
  Array.from({ length: dice.between(1, 3) }, (_, index) =>
    priceOf(dice, currency, dice.between(1, 4), dice.one(goods).sku, String(index + 1)),
  );

const WRONG_TOTAL_SHARE = 0.04;

const sumOf = (
  dice: Dice,
  lines: readonly LinePrice[],
  { decimals }: Currency,
): {
  readonly shippingMinor: number;
  readonly discountMinor: number;
  readonly totalMinor: number;
  readonly valuesMinor: readonly number[];
} => {
  const shippingMinor = dice.is(0.5) ? dice.between(1, 999) : 0;
  const wrongBy = dice.is(WRONG_TOTAL_SHARE) ? dice.between(1, 50) : 0;
  const plain = priced(lines, shippingMinor, 0, decimals, (minor) => minor);
  const discountMinor = dice.is(0.2) ? Math.floor(plain.computedMinor * 0.1) : 0;
  let totalMinor = 0;
  const { valuesMinor } = priced(lines, shippingMinor, discountMinor, decimals, (minor) => {
    totalMinor = minor + wrongBy;
    return totalMinor;
  });
  return { shippingMinor, discountMinor, totalMinor, valuesMinor };
};

/** Draws what a customer orders, how it is to get there and how it is paid. */
export const wishOf = (dice: Dice, world: World, index: number, run: string): Wish => {
  const currency = dice.one(CURRENCIES);
  const { code, decimals } = currency;
  const lines = linesOf(dice, world, currency);
  const { shippingMinor, discountMinor, totalMinor, valuesMinor } = sumOf(dice, lines, currency);
  const method = dice.weighted([
    [7, 'ship'],
    [2, 'pickup'],
    [1, 'counter'],
  ])!;
  const locationId = method === 'ship' ? null : dice.one(world.stores).id;
  const { funds, payments } = paymentsOf(dice, totalMinor, currency);
  const text = (minor: number) => written(minor, decimals);
  const booked = lines.map(({ lineId, sku, quantity }, place) => ({
    lineId,
    sku,
    quantity,
    valueMinor: valuesMinor[place]!,
  }));
  const body = {
    channel: dice.one(CHANNELS),
    externalId: `${run}-${index}`,
    placedAt: '2026-11-01T09:30:00Z',
    currency: code,
    taxIncluded: false,
    customer: { id: `c-${index % 40}`, type: 'consumer', personal: { name: 'Ada Lovelace' } },
    shipTo: addressOf(dice.one(POSTAL_CODES)),
    fulfillment: { method, service: 'standard', locationId },
    payments,
    lines: lines.map(({ lineId, sku, quantity, unitMicro, discountMinor: less, taxMinor }) => ({
      lineId,
      sku,
      quantity,
      unitPrice: microText(unitMicro),
      discount: text(less),
      tax: text(taxMinor),
    })),
    ...(shippingMinor > 0 && { shipping: { price: text(shippingMinor), tax: text(0) } }),
    ...(discountMinor > 0 && { discounts: [{ amount: text(discountMinor), code: 'SOAK' }] }),
    total: text(totalMinor),
  };
  const book = new Book(index, booked, currency, funds, method);
  return { book, body, lines, locationId, holds: dice.is(0.2) };
};

export const addressOf = (postalCode: string) => ({
  personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
  city: 'London',
  region: null,
  postalCode,
  country: 'GB',
});
