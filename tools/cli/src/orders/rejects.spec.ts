import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejectsFile } from './rejects.js';

const path = (): string => join(mkdtempSync(join(tmpdir(), 'rejects-')), 'deep', 'rejects.csv');
const HEADER = 'file,row,rows,order,field,code,message,raw\n';
const fee = { row: 3, rows: 1, field: 'sku', code: 'fee', message: 'say "no"', raw: '7,POST' };

describe('the rejects file', () => {
  it('quotes what needs it, and hides the mark that keeps keys apart', () => {
    const at = path();
    const rejects = rejectsFile(at);
    rejects.write('a.csv', 'web 7\t3', [fee]);
    rejects.close();
    expect(readFileSync(at, 'utf8')).toBe(
      `${HEADER}a.csv,3,1,web 7,sku,fee,"say ""no""","7,POST"\n`,
    );
  });

  it('goes on after what an earlier run had settled, and drops what it had not', () => {
    const at = path();
    const first = rejectsFile(at);
    first.write('a.csv', '1', [fee]);
    const settled = first.flush();
    first.write('a.csv', '2', [fee]);
    first.close();

    const second = rejectsFile(at, settled);
    second.write('a.csv', '3', [fee]);
    second.close();
    const orders = readFileSync(at, 'utf8').split('\n').slice(1, -1);
    expect(orders.map((line) => line.split(',')[3])).toEqual(['1', '3']);
  });

  it('starts anew without an earlier run', () => {
    const at = path();
    const first = rejectsFile(at);
    first.write('a.csv', '1', [fee]);
    first.close();
    rejectsFile(at).close();
    expect(readFileSync(at, 'utf8')).toBe(HEADER);
  });
});
