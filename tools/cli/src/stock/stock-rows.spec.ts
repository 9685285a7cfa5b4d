import type { Cells, StockMapping } from '../mapping/mapping.js';
import { PLAIN_MAPPING, stockRowReader } from './stock-rows.js';

const read = (cells: Cells, number = 2, hash = 'h', mapping = PLAIN_MAPPING) =>
  stockRowReader(mapping, hash)({ number, cells });

const full = { sku: 'A', name: 'Lamp', locationId: 'w', quantity: '7', weightGrams: '250' };

describe('a row of stock', () => {
  it('becomes an item and a receipt', () =>
    expect(read(full)).toEqual({
      item: { sku: 'A', name: 'Lamp', weightGrams: 250 },
      movement: {
        movementId: expect.any(String),
        type: 'receipt',
        sku: 'A',
        locationId: 'w',
        quantity: 7,
        reason: 'opening-stock',
        reference: 'line 2',
      },
    }));

  it('has a movement id of its own: the same for the same row of the same file', () => {
    const idOf = (number: number, hash: string): unknown => {
      const made = read(full, number, hash);
      return 'movement' in made ? made.movement?.movementId : undefined;
    };
    expect(idOf(2, 'h')).toBe(idOf(2, 'h'));
    expect(new Set([idOf(2, 'h'), idOf(3, 'h'), idOf(2, 'g')]).size).toBe(3);
  });

  it.each<[string, Cells]>([
    ['only the item is named', { sku: 'A', name: 'Lamp' }],
    ['there is none', { ...full, weightGrams: '', quantity: '0' }],
  ])('moves nothing when %s', (_, cells) =>
    expect(read(cells)).toEqual({ item: { sku: 'A', name: 'Lamp' }, movement: undefined }),
  );

  it('leaves the item as it is when it does not name it', () =>
    expect(read({ ...full, name: '' })).toEqual({
      item: undefined,
      movement: expect.objectContaining({ sku: 'A', quantity: 7 }),
    }));

  it.each<[string, Cells, string, string]>([
    ['says nothing but the sku', { sku: 'A' }, 'name', 'required'],
    ['has no sku', { ...full, sku: '' }, 'sku', 'required'],
    ['has no location', { ...full, locationId: '' }, 'locationId', 'required'],
    ['has no quantity', { ...full, quantity: '' }, 'quantity', 'required'],
    ['has no whole quantity', { ...full, quantity: '1.5' }, 'quantity', 'integer'],
  ])('is rejected when it %s', (_, cells, field, code) =>
    expect(read(cells)).toEqual({ fault: expect.objectContaining({ field, code }) }),
  );

  it('is rejected by a rule, and when it cannot be read', () => {
    const mapping: StockMapping = {
      ...PLAIN_MAPPING,
      rejectRows: [{ when: { column: 'sku', in: ['A'] }, code: 'not-goods' }],
    };
    expect(read(full, 2, 'h', mapping)).toEqual({
      fault: { field: 'sku', code: 'not-goods', message: 'not-goods' },
    });
    const fault = { code: 'malformed-row', message: 'm', raw: 'r' };
    expect(stockRowReader(PLAIN_MAPPING, 'h')({ number: 2, cells: {}, fault })).toEqual({
      fault: { field: '', ...fault },
    });
  });
});
