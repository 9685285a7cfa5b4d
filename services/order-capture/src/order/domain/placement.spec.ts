import { formatAmount } from '@throughline/kernel';
import fc from 'fast-check';
import { AT, ORDER_ID, ORDER_NUMBER, request } from './order.fixtures.js';
import type { Doubt } from './order.js';
import type { OrderRequest, RequestedLine } from './placed-order.js';
import { deliveryOf, placementOf } from './placement.js';

const identity = { orderId: ORDER_ID, orderNumber: ORDER_NUMBER, acceptedAt: AT };
const placementFor = (overrides: Partial<OrderRequest>) =>
  placementOf(request(overrides), identity);
const placed = (overrides: Partial<OrderRequest> = {}, ...doubts: Doubt[]) => {
  const placement = placementOf(request(overrides), identity, { doubts });
  if (!placement.ok) throw new Error(JSON.stringify(placement.errors));
  return placement;
};
const line = (overrides: Partial<RequestedLine> = {}): RequestedLine => ({
  lineId: '1',
  sku: 'A',
  quantity: 1,
  unitPrice: '1.00',
  ...overrides,
});
const errorsOf = (overrides: Partial<OrderRequest>) => {
  const placement = placementFor(overrides);
  return placement.ok
    ? []
    : placement.errors.map(({ field, code, message }) => [field, code, message]);
};

describe('placing an order', () => {
  it('accepts the canonical order, with money in minor units and persons apart', () =>
    expect(placed()).toEqual({
      ok: true,
      holds: [],
      order: {
        orderId: ORDER_ID,
        orderNumber: ORDER_NUMBER,
        channel: 'web',
        externalId: '100045',
        placedAt: '2026-11-01T09:30:00.000Z',
        acceptedAt: AT,
        currency: 'GBP',
        taxIncluded: false,
        totalMinor: 3490,
        customer: {
          id: 'c-17',
          type: 'consumer',
          personal: {
            subjectId: '06f38a95-92df-5263-8661-c3bb6bbd4183',
            name: 'Ada Lovelace',
            email: 'ada@example.com',
            phone: null,
          },
        },
        shipTo: {
          personal: {
            subjectId: '06f38a95-92df-5263-8661-c3bb6bbd4183',
            name: 'Ada Lovelace',
            phone: null,
            lines: ["12 St James's Square"],
          },
          city: 'London',
          region: null,
          postalCode: 'SW1Y 4JH',
          country: 'GB',
          verified: false,
        },
        billTo: null,
        fulfillment: {
          method: 'ship',
          service: 'standard',
          locationId: null,
          promisedBy: null,
          notBefore: null,
        },
        payments: [
          { method: 'card', status: 'authorized', amountMinor: 3490, reference: 'ch_123' },
        ],
        lines: [
          {
            lineId: '1',
            sku: '85123A',
            quantity: 6,
            unitPrice: '2.55',
            taxMinor: 306,
            valueMinor: 3490,
          },
        ],
        shipping: { priceMinor: 1654, taxMinor: 0 },
        discounts: [],
        purchaseOrder: null,
        notes: null,
        tags: [],
        attributes: {},
      },
    }));

  it('keeps free text about a person with the personal data', () =>
    expect(placed({ notes: 'Ring twice', customer: null }).order.notes).toEqual({
      personal: { subjectId: ORDER_ID, text: 'Ring twice' },
    }));

  it.each<[string, Partial<OrderRequest>, string[][]]>([
    [
      'a line id twice',
      { lines: [line(), line({ lineId: '2' }), line()], shipping: null, total: '3.00' },
      [['lines[2].lineId', 'duplicate', 'is already the id of an earlier line']],
    ],
    [
      'decimals that are not those of the currency',
      { lines: [line({ tax: '1.5' })], discounts: [{ amount: '1' }] },
      [
        ['lines[0].tax', 'decimals', 'must have exactly 2 decimals, as GBP has'],
        ['discounts[0].amount', 'decimals', 'must have exactly 2 decimals, as GBP has'],
      ],
    ],
    [
      'decimals in a currency without',
      { currency: 'JPY', lines: [line()], shipping: null, payments: [], total: '1.00' },
      [['total', 'decimals', 'must have no decimals, as JPY has']],
    ],
    [
      'negative amounts',
      { lines: [line({ unitPrice: '-1.00', discount: '-0.01' })] },
      [
        ['lines[0].discount', 'minimum', 'must not be negative'],
        ['lines[0].unitPrice', 'minimum', 'must not be negative'],
      ],
    ],
    [
      'amounts that cannot be counted exactly',
      { lines: [line({ unitPrice: '999999999999', quantity: 1_000_000 })] },
      [['lines[0].unitPrice', 'maximum', 'is too large']],
    ],
    [
      'a pickup without its location',
      { fulfillment: { method: 'pickup' } },
      [['fulfillment.locationId', 'required', 'is required for pickup']],
    ],
    [
      'a counter sale without its location',
      { fulfillment: { method: 'counter', locationId: null } },
      [['fulfillment.locationId', 'required', 'is required for counter']],
    ],
    [
      'text that cannot be stored, wherever it hides',
      { attributes: { gift: { card: ['ok', 'a\u0000b'] } } },
      [['attributes.gift.card[1]', 'text', 'holds characters that are no text']],
    ],
    [
      'half a character',
      { notes: '\ud83d' },
      [['notes', 'text', 'holds characters that are no text']],
    ],
  ])('refuses %s', (_, overrides, errors) => expect(errorsOf(overrides)).toEqual(errors));

  it('accepts unit prices with six decimals', () =>
    expect(
      placed({
        lines: [line({ unitPrice: '0.333333', quantity: 3 })],
        shipping: null,
        total: '1.00',
      }).holds,
    ).toEqual([]));
});

describe('the total', () => {
  it('stands when it differs, and the order is held with the difference', () => {
    const { order, holds } = placed({ total: '35.00' });
    expect(order.totalMinor).toBe(3500);
    expect(order.lines.map(({ valueMinor }) => valueMinor)).toEqual([3500]);
    expect(holds).toEqual([
      {
        holdId: '15246f47-834e-5c53-b3c4-c30913fcbcb6',
        kind: 'review',
        reason:
          'The total of 35.00 GBP differs by 0.10 GBP from the 34.90 GBP that lines, shipping and discounts add up to',
        at: AT,
      },
    ]);
  });

  it.each<[string, Partial<OrderRequest>]>([
    [
      '51.86, 40 % off, 8.25 % tax',
      {
        currency: 'USD',
        lines: [line({ unitPrice: '51.86', discount: '20.74', tax: '2.57' })],
        total: '33.69',
      },
    ],
    [
      '14.28 x 10 at 19 %, rounded per line',
      { lines: [line({ unitPrice: '14.28', quantity: 10, tax: '27.13' })], total: '169.93' },
    ],
    [
      '10 x 23.90 with VAT included and a 25 % coupon',
      {
        taxIncluded: true,
        lines: [line({ unitPrice: '23.90', quantity: 10, tax: '29.88' })],
        discounts: [{ amount: '59.75' }],
        total: '179.25',
      },
    ],
    [
      'tax of shipping included',
      {
        taxIncluded: true,
        lines: [line({ tax: '0.17' })],
        shipping: { price: '5.00', tax: '0.83' },
        total: '6.00',
      },
    ],
  ])('adds up for %s', (_, overrides) =>
    expect(placed({ shipping: null, payments: [], ...overrides }).holds).toEqual([]),
  );

  it('is shared out among the lines to the last minor unit', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            price: fc.integer({ min: 0, max: 99_999 }),
            quantity: fc.integer({ min: 1, max: 9 }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        fc.integer({ min: 0, max: 9_999_999 }),
        (wanted, totalMinor) => {
          const { order } = placed({
            lines: wanted.map(({ price, quantity }, index) =>
              line({ lineId: `${index}`, quantity, unitPrice: formatAmount(price, 'GBP') }),
            ),
            total: formatAmount(totalMinor, 'GBP'),
          });
          expect(order.lines.reduce((sum, { valueMinor }) => sum + valueMinor, 0)).toBe(totalMinor);
        },
      ),
    ));
});

describe('the address', () => {
  const home = { city: 'X', personal: { name: 'A', lines: ['1'] } };

  it.each<[string, Partial<OrderRequest>, string | undefined]>([
    ['without country', { shipTo: { ...home, postalCode: '1' } }, 'shipTo.country is missing'],
    ['without postal code', { shipTo: { ...home, country: 'GB' } }, 'shipTo.postalCode is missing'],
    [
      'with an empty postal code',
      { shipTo: { ...home, country: 'GB', postalCode: ' ' } },
      'shipTo.postalCode is missing',
    ],
    ['missing altogether', { shipTo: null }, 'shipTo is missing'],
    ['verified', { shipTo: { ...home, country: 'GB', verified: true } }, undefined],
    ['in a country without postal codes', { shipTo: { ...home, country: 'HK' } }, undefined],
    [
      'not needed for a pickup',
      { shipTo: null, fulfillment: { method: 'pickup', locationId: 'store-1' } },
      undefined,
    ],
  ])('%s', (_, overrides, reason) =>
    expect(placed(overrides).holds.map((hold) => [hold.kind, hold.reason])).toEqual(
      reason === undefined ? [] : [['address', reason]],
    ),
  );

  it.each<[Partial<OrderRequest>, string | undefined]>([
    [{}, 'shipTo.postalCode SW1Y 4JH is not of the form that GB has'],
    [{ shipTo: { ...home, country: 'GB', postalCode: '1', verified: true } }, undefined],
    [{ fulfillment: { method: 'pickup', locationId: 'store-1' } }, undefined],
    [{ shipTo: { ...home, country: 'GB' } }, 'shipTo.postalCode is missing'],
  ])('with a postal code that breaks its form: %j', (overrides, reason) =>
    expect(
      placed(overrides, 'malformed-postal-code').holds.map((hold) => [hold.kind, hold.reason]),
    ).toEqual(reason === undefined ? [] : [['address', reason]]),
  );

  it('goes to those who send the goods, and to nobody where they are handed over', () => {
    expect(deliveryOf(placed().order)).toEqual({
      method: 'ship',
      service: 'standard',
      locationId: null,
      promisedBy: null,
      shipTo: {
        personal: {
          subjectId: '06f38a95-92df-5263-8661-c3bb6bbd4183',
          name: 'Ada Lovelace',
          phone: null,
          lines: ["12 St James's Square"],
        },
        city: 'London',
        region: null,
        postalCode: 'SW1Y 4JH',
        country: 'GB',
      },
    });
    const pickup = placed({ fulfillment: { method: 'pickup', locationId: 'store-1' } }).order;
    expect(deliveryOf(pickup)).toEqual({
      method: 'pickup',
      service: 'standard',
      locationId: 'store-1',
      promisedBy: null,
      shipTo: null,
    });
  });
});

describe('what an order asks for', () => {
  const asking = (fulfillment: Partial<NonNullable<OrderRequest['fulfillment']>>) =>
    placed({ fulfillment: { method: 'ship', ...fulfillment } });

  it.each(['standard', 'express', 'next-day', 'same-day', '', null])(
    'the service %j is known',
    (service) => expect(asking({ service }).holds).toEqual([]),
  );

  it.each(['Express', 'drone', 'standard '])(
    'the service %j is not, and is for a person',
    (service) => {
      const { order, holds } = asking({ service });
      expect(order.fulfillment.service).toBe(service);
      expect(holds.map(({ kind, reason }) => [kind, reason])).toEqual([
        [
          'mapping',
          `fulfillment.service ${service} is none of standard, express, next-day, same-day`,
        ],
      ]);
    },
  );

  it('any service will do for what is handed over in person', () =>
    expect(asking({ method: 'pickup', locationId: 'store-1', service: 'desk' }).holds).toEqual([]));

  it('keeps the place that sold, of which who ships needs to know nothing', () => {
    const { order } = asking({ locationId: 'store-1' });
    expect(order.fulfillment.locationId).toBe('store-1');
    expect(deliveryOf(order).locationId).toBeNull();
  });

  it('tells who ships from when on, and nothing where it does not matter', () => {
    const notBefore = '2026-12-01T08:00:00.000Z';
    expect(deliveryOf(asking({ notBefore }).order).notBefore).toBe(notBefore);
    expect(deliveryOf(placed().order)).not.toHaveProperty('notBefore');
  });

  it('placed far ahead is for a person, and is listed by when it came in', () => {
    const { order, holds } = placed({ placedAt: '2036-01-01T00:00:00.000Z' }, 'placed-ahead');
    expect([order.placedAt, order.listedAt]).toEqual(['2036-01-01T00:00:00.000Z', AT]);
    expect(holds.map(({ kind, reason }) => [kind, reason])).toEqual([
      [
        'review',
        `placedAt 2036-01-01T00:00:00.000Z is more than a day after the order came in, at ${AT}`,
      ],
    ]);
    expect(placed().order).not.toHaveProperty('listedAt');
  });

  it('has a hold of its own for each doubt', () => {
    const { holds } = placed(
      { total: '99.00', fulfillment: { method: 'ship', service: 'drone' } },
      'placed-ahead',
      'malformed-postal-code',
    );
    expect(holds.map(({ kind }) => kind)).toEqual(['review', 'review', 'mapping', 'address']);
    expect(new Set(holds.map(({ holdId }) => holdId)).size).toBe(4);
  });
});
