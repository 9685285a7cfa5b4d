import { validatorOf } from '@throughline/contracts';
import { formatAmount } from '@throughline/kernel';
import fc from 'fast-check';
import { BatchItem, itemFaults } from '../catalog/item-body.js';
import { BatchMovement, movementFaults } from '../ledger/movement-body.js';
import { FILE_ROWS_MAX, FileReader } from './file-reader.js';
import type { ImportKind, ImportMode, ItemRow, StockRow } from './import.js';

const read = (kind: ImportKind, mode: ImportMode, ...lines: string[]) => {
  const reader = new FileReader(kind, mode);
  const taken = reader.end(lines.join('\n'));
  return { ...taken, faults: reader.faults, count: reader.count };
};
const stockErrors = (mode: ImportMode, line: string) =>
  read('stock', mode, 'sku,locationId,quantity,condition,reason', line).errors.map(
    ({ field, code }) => `${field} ${code}`,
  );

describe('a row of a stock file', () => {
  it('is read by its header', () =>
    expect(
      read('stock', 'add', 'Reason,Quantity,LOCATION_ID,sku', ' new ,007,north,A', ',1,"a,b",B'),
    ).toMatchObject({
      faults: [],
      errors: [],
      count: 2,
      rows: [
        { row: 2, sku: 'A', locationId: 'north', quantity: 7, reason: 'new', reference: null },
        { row: 3, sku: 'B', locationId: 'a,b', quantity: 1, condition: null, reason: null },
      ],
    }));

  it.each<[ImportMode, string, string[]]>([
    ['set', 'A,n,0,,', []],
    ['add', 'A,n,0,,', ['quantity range']],
    ['set', 'A,n,-1,,', ['quantity range']],
    ['add', 'A,n,1000000000,damaged,x', []],
    ['add', 'A,n,1000000001,,', ['quantity range']],
    ['add', `A,n,${'9'.repeat(400)},,`, ['quantity range']],
    ['add', 'A,n,1.0,,', ['quantity integer']],
    ['add', 'A,n,1e3,,', ['quantity integer']],
    ['add', '"A","n","1,000",,', ['quantity integer']],
    ['add', 'A,n,0x10,,', ['quantity integer']],
    ['add', 'A,n,,,', ['quantity required']],
    ['add', ',,1,,', ['sku required', 'locationId required']],
    ['add', `${'A'.repeat(100)},n,1,,`, []],
    ['add', `${'A'.repeat(101)},n,1,,`, ['sku max-length']],
    ['add', `A,n,1,,${'r'.repeat(501)}`, ['reason max-length']],
    ['add', 'A,n,1,Sellable,', ['condition enum']],
    ['add', 'A\u0000,n,1,,', ['sku text']],
    ['add', 'A\ufffd,n,1,,', ['sku text']],
    ['add', 'A,n,1,', ['row columns']],
    ['add', 'A,n,1,,,', ['row columns']],
    ['add', 'A,n,1,,"x', ['row malformed-row']],
  ])('in mode %s is checked: %s', (mode, line, errors) =>
    expect(stockErrors(mode, line)).toEqual(errors),
  );

  it('of items is trimmed, and has names in one line and ids by their rule', () => {
    const rows = ['sku,name,cost,currency', '" A ","a\n\tname",1.00,GBP', '"B\n",b,1.00,GBP'];
    const { rows: good, errors } = read(
      'items',
      'set',
      ...rows,
      '"C\nD",c,1.00,GBP',
      'Cafe\u0301,d,1.00,GBP',
      'E,e,1.00,ZZZ',
    );
    expect(good).toMatchObject([
      { sku: 'A', changes: { name: 'a name' } },
      { sku: 'B', changes: { name: 'b' } },
    ]);
    expect(errors.map(({ field, code }) => [field, code])).toEqual([
      ['sku', 'id'],
      ['sku', 'id'],
      ['currency', 'currency'],
    ]);
  });

  it('stands once in a file that says what lies there, unless it is refused', () => {
    const lines = ['sku,locationId,quantity', 'A,n,x', 'A,n,1', 'A,m,1', 'A,n,1', 'AN,,1', 'A,n,2'];
    const { rows, errors } = read('stock', 'set', ...lines);
    expect(rows.map(({ row }) => row)).toEqual([3, 4]);
    expect(errors.map(({ row, code, message }) => [row, code, message])).toEqual([
      [2, 'integer', 'must be a whole number'],
      [5, 'twice', 'stands in row 3 already, about the same'],
      [6, 'required', 'must not be empty'],
      [7, 'twice', 'stands in row 3 already, about the same'],
    ]);
    expect(read('stock', 'add', ...lines).rows.map(({ row }) => row)).toEqual([3, 4, 5, 7]);
  });

  it('names what it is about where it is refused, without what cannot be stored', () =>
    expect(
      read('stock', 'add', 'sku,locationId,quantity', `A\u0000,${'n'.repeat(200)},1`).errors,
    ).toMatchObject([
      { row: 2, sku: 'A', locationId: 'n'.repeat(100), field: 'sku' },
      { row: 2, field: 'locationId' },
    ]));

  it('is a movement that the API takes, whatever passes', () =>
    fc.assert(
      fc.property(
        fc.constantFrom<ImportMode>('set', 'add'),
        fc.string(),
        fc.oneof(fc.integer().map(String), fc.string()),
        (mode, text, quantity) => {
          const quoted = [text, `${text}x`, quantity, '', text].map(
            (cell) => `"${cell.replaceAll('"', '""')}"`,
          );
          const header = 'sku,locationId,quantity,condition,reason';
          for (const made of read('stock', mode, header, quoted.join()).rows as StockRow[]) {
            const { row, ...content } = made;
            const type = mode === 'set' ? 'count' : 'receipt';
            const reason = content.reason ?? '';
            const body = { ...content, reason, type, movementId: String(row) } as BatchMovement;
            expect(validatorOf(BatchMovement, { strict: true })(body)).toEqual([]);
            expect(movementFaults(body)).toEqual([]);
          }
        },
      ),
    ));
});

describe('a row of an item file', () => {
  it('says nothing of what the file has no column for', () =>
    expect(read('items', 'set', 'sku,name', 'A,Lamp').rows).toEqual([
      { row: 2, sku: 'A', changes: { name: 'Lamp' } },
    ]));

  it('empties what it leaves empty', () =>
    expect(
      read(
        'items',
        'set',
        'sku,name,weightGrams,barcodes,cost,currency,length_mm,width_mm,height_mm',
        'A,Lamp,,,,,,,',
        'B,Bin,0, 1 | 2 |,12,JPY,1,2,3',
      ).rows,
    ).toEqual([
      {
        row: 2,
        sku: 'A',
        changes: { name: 'Lamp', weightGrams: null, barcodes: [], cost: null, dimensionsMm: null },
      },
      {
        row: 3,
        sku: 'B',
        changes: {
          name: 'Bin',
          weightGrams: 0,
          barcodes: ['1', '2'],
          cost: { amountMinor: 12, currency: 'JPY' },
          dimensionsMm: { length: 1, width: 2, height: 3 },
        },
      },
    ]));

  it.each([
    ['A,', 'name required'],
    ['A,x,-1', 'weightGrams range'],
    ['A,x,1.5', 'weightGrams integer'],
    [`A,x,,${'1|'.repeat(51)}`, 'barcodes max-items'],
    ['A,x,,,1.50,', 'currency currency'],
    ['A,x,,,,GBP', 'cost amount'],
    ['A,x,,,1.5,GBP', 'cost amount'],
    ['A,x,,,-1.50,GBP', 'cost amount'],
    ['A,x,,,,,1', 'widthMm required'],
  ])('is checked: %s', (start, error) => {
    const line = [...start.split(','), ...Array<string>(9).fill('')].slice(0, 9).join();
    const header = 'sku,name,weightGrams,barcodes,cost,currency,lengthMm,widthMm,heightMm';
    const { errors } = read('items', 'set', header, line);
    expect(errors.map(({ field, code }) => `${field} ${code}`)).toContain(error);
  });

  it('is an item that the API takes, whatever passes', () =>
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 5, maxLength: 5 }),
        fc.constantFrom('1.50', '', '1', '-1.50'),
        fc.constantFrom('GBP', '', 'JPY', 'gbp'),
        (texts, cost, currency) => {
          const cells = [...texts.slice(0, 2), '5', texts[3]!, cost, currency, '1', '2', '3'];
          const line = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join();
          const header = 'sku,name,weightGrams,barcodes,cost,currency,lengthMm,widthMm,heightMm';
          for (const { sku, changes } of read('items', 'set', header, line).rows as ItemRow[]) {
            const { cost: minor, ...rest } = changes;
            const amount = minor && formatAmount(minor.amountMinor, minor.currency);
            const stated = minor ? { amount, currency: minor.currency } : null;
            const body = { sku, ...rest, cost: stated } as unknown as BatchItem;
            expect(validatorOf(BatchItem, { strict: true })(body)).toEqual([]);
            expect(itemFaults(sku, body)).toEqual([]);
          }
        },
      ),
    ));
});

describe('a file as a whole', () => {
  it.each<[ImportKind, string, string[]]>([
    ['stock', 'sku,quantity', ['locationId required']],
    [
      'stock',
      'sku;locationId;quantity',
      [
        'sku;locationId;quantity unknown-column',
        'sku required',
        'locationId required',
        'quantity required',
      ],
    ],
    ['stock', '"sku"x,locationId', ['row 1 malformed-row']],
    ['items', 'sku,name,cost', ['currency required']],
    ['items', 'sku,name,widthMm', ['lengthMm required', 'heightMm required']],
    ['items', 'sku,name,quantity', ['quantity unknown-column']],
  ])('needs a header that fits a file of %s: %s', (kind, header, faults) =>
    expect(
      read(kind, 'set', header, 'A,n,1').faults.map(({ field, code }) => `${field} ${code}`),
    ).toEqual(faults),
  );

  it('has a limit of rows', () => {
    const reader = new FileReader('stock', 'add');
    reader.read('sku,locationId,quantity\n');
    const half = 'A,n,1\n'.repeat(FILE_ROWS_MAX / 2);
    reader.read(half);
    expect(reader.read(half).rows).toHaveLength(FILE_ROWS_MAX / 2);
    expect(reader.faults).toEqual([]);
    reader.read('A,n,1\n');
    expect(reader.faults).toMatchObject([{ field: 'file', code: 'max-items' }]);
  });
});
