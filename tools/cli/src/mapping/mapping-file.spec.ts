import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../config.js';
import { findingsIn, readOrderMapping } from './mapping-file.js';
import { shopMapping } from './mapping.fixtures.js';

const samples = join(import.meta.dirname, '../../../../samples');

const written = (content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'mapping-')), 'mapping.json');
  writeFileSync(path, content);
  return path;
};

describe('a mapping file', () => {
  it('is accepted when every member is known', () =>
    expect(findingsIn(shopMapping, 'orders')).toEqual([]));

  it('comes as a sample for the Online Retail data', () =>
    expect(readOrderMapping(join(samples, 'online-retail.mapping.json')).groupBy).toBe(
      'invoice_no',
    ));

  it('names the path of everything that is wrong', () => {
    const wrong = {
      kind: 'orders',
      groupBy: '',
      windows: 3,
      rejectRows: [{ when: { matches: '(' }, code: 'x' }],
      order: {
        channel: { constant: 'shop', column: 'a' },
        externalId: { column: 'id', transform: ['upper', 'reverse'] },
        placedAt: { columns: 'at' },
        currency: { constant: 'GBP' },
      },
      line: { sku: { column: 'sku' }, quantity: { column: 'q' } },
    };
    expect(findingsIn(wrong, 'orders').map(({ path }) => path)).toEqual([
      'groupBy',
      'windows',
      'rejectRows[0].when.matches',
      'rejectRows[0].when.column',
      'order.channel',
      'order.externalId.transform[1]',
      'order.placedAt',
      'order.total',
      'line.unitPrice',
    ]);
  });

  it('is refused with its path when it is no JSON', () =>
    expect(() => readOrderMapping(written('{'))).toThrow(UsageError));

  it('is refused in words that name file, path and rule', () => {
    const path = written(JSON.stringify({ ...shopMapping, window: 0 }));
    expect(() => readOrderMapping(path)).toThrow(
      `The mapping ${path} has errors:\n  window: must be a whole number above 0`,
    );
  });
});
