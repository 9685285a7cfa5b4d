import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../config.js';
import type { Row } from './order.js';
import { rowsOf, type ReadOptions } from './rows.js';

const folder = mkdtempSync(join(tmpdir(), 'rows-'));
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const read = async (path: string, options?: ReadOptions): Promise<Row[]> => {
  const rows: Row[] = [];
  for await (const row of rowsOf(path, options)) rows.push(row);
  return rows;
};

const CSV = '\uFEFForder,name\r\n1,"a, b"\r\n\r\n2,"c\nd"\r\n3,12" ruler\r\n';
const CELLS = [
  { number: 2, cells: { order: '1', name: 'a, b' } },
  { number: 5, cells: { order: '2', name: 'c\nd' } },
  { number: 6, cells: { order: '3', name: '12" ruler' } },
];

describe('reading a CSV file', () => {
  it('knows byte order marks, quotes, line ends inside cells and empty lines', async () =>
    expect(await read(file('plain.csv', CSV))).toEqual(CELLS));

  it('reads it compressed, and tells how much of the compressed file is read', async () => {
    const content = gzipSync(CSV);
    const bytes: number[] = [];
    const onBytes = (count: number): void => void bytes.push(count);
    expect(await read(file('packed.csv.gz', content), { onBytes })).toEqual(CELLS);
    expect(bytes.at(-1)).toBe(content.length);
  });

  it('gives a row of the wrong width its place, with its text', async () => {
    const rows = await read(file('wide.csv', 'a,b\n1,2\n3\n5,6\n7,8,9\n'));
    expect(rows.map(({ number, cells, fault }) => [number, fault?.code ?? cells])).toEqual([
      [2, { a: '1', b: '2' }],
      [3, 'malformed-row'],
      [4, { a: '5', b: '6' }],
      [5, 'malformed-row'],
    ]);
    expect(rows.flatMap(({ fault }) => (fault ? [fault.raw] : []))).toEqual(['3', '7,8,9']);
  });

  it('counts a quote that is never closed as one bad row, and goes on behind it', async () => {
    const lines = Array.from({ length: 3_000 }, (_, at) => `${at},"name of ${at}"`);
    lines[1_500] = '1500,"no end';
    const rows = await read(file('quote.csv', `a,b\n${lines.join('\n')}\n`));
    expect(rows.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 2));
    expect(rows.flatMap(({ number, fault }) => (fault ? [[number, fault]] : []))).toEqual([
      [
        1_502,
        {
          code: 'malformed-row',
          message: 'has text after a closing quote',
          raw: '1500,"no end',
        },
      ],
    ]);
    const last = await read(file('last.csv', 'a,b\n1,2\n3,"4\n5,6\n'));
    expect(last.map(({ number, fault }) => [number, fault?.message])).toEqual([
      [2, undefined],
      [3, 'has a quote that is never closed'],
      [4, undefined],
    ]);
  });

  it('says how much of a long bad row it does not show', async () => {
    const rows = await read(file('long.csv', `a,b\n${'x'.repeat(2_005)}\n`));
    expect(rows[0]?.fault?.raw).toBe(`${'x'.repeat(2_000)}... (5 more characters)`);
  });

  it('numbers rows the same in every run, also around bad rows of a large file', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) =>
      index % 7 === 3 ? 'x' : `${index},y`,
    );
    const rows = await read(file('large.csv', `a,b\n${lines.join('\n')}\n`));
    expect(rows.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 2));
  });

  it('refuses a header that lacks a column', async () =>
    expect(read(file('header.csv', 'a,b\n1,2\n'), { columns: ['a', 'c'] })).rejects.toThrow(
      new UsageError(`${join(folder, 'header.csv')} has no column c; its columns: a, b`),
    ));

  it.each([
    ['orders.csv.gz', 'a,b\n'],
    ['orders.ndjson.gz', '{"a":1,"b":2}\n'],
  ])('says that %s ends too early', async (name, line) => {
    const content = gzipSync(line.repeat(9));
    const cut = file(name, content.subarray(0, content.length - 9));
    await expect(read(cut, { canonical: true })).rejects.toThrow(
      `${name} cannot be read to its end: it ends in the middle: is it whole?`,
    );
  });

  it('fails when the file is away or no gzip', async () => {
    await expect(read(join(folder, 'none.csv'))).rejects.toThrow('ENOENT');
    await expect(read(file('bad.csv.gz', 'a,b\n1,2\n'))).rejects.toThrow(
      'bad.csv.gz cannot be read to its end: it is no gzip, or damaged',
    );
  });
});

describe('reading an NDJSON file', () => {
  it('takes canonical orders as they are', async () => {
    const path = file('orders.ndjson', '{"channel":"web","externalId":"1"}\n\nno\n[1]\n');
    const rows = await read(path, { canonical: true });
    expect(rows.map(({ number, order, fault }) => [number, order ?? fault?.raw])).toEqual([
      [1, { channel: 'web', externalId: '1' }],
      [3, 'no'],
      [4, '[1]'],
    ]);
  });

  it('takes flat records as rows', async () => {
    const path = file('flat.jsonl.gz', gzipSync('{"a":1,"b":null,"c":"x","d":[2]}\n'));
    expect(await read(path)).toEqual([{ number: 1, cells: { a: '1', b: '', c: 'x', d: '[2]' } }]);
  });

  it('fails when the file is away', async () =>
    expect(read(join(folder, 'none.ndjson'))).rejects.toThrow('ENOENT'));
});
