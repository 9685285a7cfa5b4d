import { totalOf } from './total.js';

const line = (unitPrice: string, quantity: number, more: object = {}) => ({
  lineId: '1',
  sku: 'A',
  unitPrice,
  quantity,
  ...more,
});

describe('the total of an order', () => {
  it('rounds each line half up', () =>
    expect(totalOf({ currency: 'GBP', lines: [line('0.125', 1), line('0.125', 1)] })).toBe('0.26'));

  it('subtracts discounts and adds taxes and shipping', () =>
    expect(
      totalOf({
        currency: 'GBP',
        lines: [line('2.55', 6, { discount: '0.30', tax: '3.00' })],
        shipping: { price: '4.00', tax: '0.80' },
        discounts: [{ amount: '1.00' }],
      }),
    ).toBe('21.80'));

  it('leaves out taxes that the prices include', () =>
    expect(
      totalOf({
        currency: 'GBP',
        taxIncluded: true,
        lines: [line('2.55', 6, { tax: '3.00' })],
        shipping: { price: '4.00', tax: '0.80' },
      }),
    ).toBe('19.30'));

  it('knows currencies without decimals', () =>
    expect(totalOf({ currency: 'JPY', lines: [line('120', 3)] })).toBe('360'));

  it('is not there when an amount does not fit the currency', () =>
    expect(
      totalOf({ currency: 'GBP', lines: [line('1.00', 1, { discount: '0.1' })] }),
    ).toBeUndefined());
});
