import { shopMapping } from '../mapping/mapping.fixtures.js';
import { postalCodesFrom } from '../mapping/postal-codes.js';
import { canonicalOrderBuilder, mappedOrderBuilder } from './order-builder.js';
import { group, row } from './order.fixtures.js';

const build = mappedOrderBuilder(shopMapping, postalCodesFrom(new Map([['GB', ['NN11']]])));
const rowsOf = (rejections: readonly { readonly rows: number }[]): number =>
  rejections.reduce((sum, { rows }) => sum + rows, 0);

describe('building an order', () => {
  it('makes one line of every row, also of the same sku, and computes the total', () => {
    const { order, rejections } = build(
      group(
        row(2, '7'),
        row(3, '7', { at: '2026-01-05T10:01:00Z' }),
        row(4, '7', { price: '0.005', quantity: '1' }),
      ),
    );
    expect(rejections).toEqual([]);
    expect(order).toEqual({
      channel: 'shop',
      externalId: '7',
      placedAt: '2026-01-05T10:00:00Z',
      currency: 'GBP',
      shipTo: { country: 'GB', postalCode: 'NN11', verified: true },
      payments: [{ method: 'card', status: 'authorized', amount: '5.01', reference: 'shop-7' }],
      total: '5.01',
      lines: [
        { lineId: '1', sku: 'A-1', quantity: 2, unitPrice: '1.25' },
        { lineId: '2', sku: 'A-1', quantity: 2, unitPrice: '1.25' },
        { lineId: '3', sku: 'A-1', quantity: 1, unitPrice: '0.005' },
      ],
    });
  });

  it('rejects rows one by one, each with its reason and text', () => {
    const { order, rejections } = build(
      group(
        row(2, '7', { sku: 'POST' }),
        row(3, '7', { quantity: '-1' }),
        row(4, '7', { quantity: 'two' }),
        row(5, '7'),
        row(6, '7', { sku: '' }),
        row(7, '7', { price: '' }),
      ),
    );
    expect(order?.lines).toEqual([{ lineId: '1', sku: 'A-1', quantity: 2, unitPrice: '1.25' }]);
    expect(rejections.map(({ row: at, rows, field, code }) => [at, rows, field, code])).toEqual([
      [2, 1, 'sku', 'fee'],
      [3, 1, 'quantity', 'quantity-not-positive'],
      [4, 1, 'quantity', 'integer'],
      [6, 1, 'sku', 'required'],
      [7, 1, 'unitPrice', 'required'],
    ]);
    expect(rejections[0]).toEqual(
      expect.objectContaining({
        message: 'not goods',
        raw: '7,2026-01-05T10:00:00Z,UK,c-1,POST,2,1.25',
      }),
    );
  });

  it('makes no order when no row is left', () => {
    const built = build(group(row(2, '7', { sku: 'POST' })));
    expect([built.order, rowsOf(built.rejections)]).toEqual([undefined, 1]);
  });

  it('rejects a whole order by a rule of orders', () => {
    const { order, rejections } = build(group(row(2, 'C7'), row(3, 'C7', { sku: 'POST' })));
    expect(order).toBeUndefined();
    expect(rejections).toEqual([
      { row: 2, rows: 2, field: 'order', code: 'cancellation', message: 'order is "C7"' },
    ]);
  });

  it('rejects a whole order when one of its fields cannot be made', () => {
    const { order, rejections } = build(
      group(row(2, '7', { country: 'Atlantis' }), row(3, '7'), row(4, '7', { sku: 'POST' })),
    );
    expect(order).toBeUndefined();
    expect(rejections.map(({ code, field, rows }) => [code, field, rows])).toEqual([
      ['fee', 'sku', 1],
      ['not-mapped', 'shipTo.country', 2],
    ]);
  });

  it('rejects an order whose amounts do not fit', () => {
    const { rejections } = build(group(row(2, '7', { price: '0.0000001' })));
    expect(rejections).toEqual([
      expect.objectContaining({ field: 'total', code: 'amount', rows: 1 }),
    ]);
  });

  it('rejects a row that names no order', () =>
    expect(build(group(row(2, ' '))).rejections).toEqual([
      expect.objectContaining({ row: 2, rows: 1, field: 'order', code: 'required' }),
    ]));

  it('rejects a row that could not be read', () => {
    const fault = { code: 'malformed-row', message: 'm', raw: 'a"b' };
    expect(build({ key: '', rows: [{ number: 9, cells: {}, fault }] }).rejections).toEqual([
      { field: '', code: 'malformed-row', message: 'm', raw: 'a"b', row: 9, rows: 1 },
    ]);
  });
});

describe('canonical orders', () => {
  it('pass through as they are', () => {
    const order = { channel: 'web', externalId: '1' } as never;
    const built = canonicalOrderBuilder({ key: 'k', rows: [{ number: 1, cells: {}, order }] });
    expect([built.order, built.rejections]).toEqual([order, []]);
  });
});
