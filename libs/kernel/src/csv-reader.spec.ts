import fc from 'fast-check';
import { CsvReader, ROW_CHARACTERS_MAX, type CsvRow } from './csv-reader.js';

const rowsOf = (...pieces: string[]): CsvRow[] => {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
};
const cellsOf = (text: string) => rowsOf(text).map(({ row, cells }) => [row, ...cells]);
const faultsOf = (text: string) =>
  rowsOf(text).map(({ row, cells, fault }) => (fault ? [row, fault] : [row, ...cells]));

describe('reading CSV', () => {
  it.each([
    ['line feeds', 'a,b\n1,2\n'],
    ['carriage returns and line feeds', 'a,b\r\n1,2\r\n'],
    ['no line end at the end', 'a,b\r\n1,2'],
    ['cells in quotes', '"a","b"\r\n"1","2"'],
    ['a carriage return at the very end', 'a,b\n1,"2"\r'],
  ])('takes %s', (_, text) =>
    expect(cellsOf(text)).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]),
  );

  it('takes commas, quotes and line ends within quotes as they are', () =>
    expect(cellsOf('"a,b","say ""x""","two\r\nlines",,""\n1\n')).toEqual([
      [1, 'a,b', 'say "x"', 'two\r\nlines', '', ''],
      [2, '1'],
    ]));

  it('takes quotes within a cell that does not begin with one', () =>
    expect(cellsOf('12" ruler,"a ""b""",x"y"\n')).toEqual([[1, '12" ruler', 'a "b"', 'x"y"']]));

  it('takes another delimiter', () => {
    const reader = new CsvReader(';');
    const rows = [...reader.read('a;"b;c";d,e\n1;2\n'), ...reader.end()];
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a', 'b;c', 'd,e'],
      ['1', '2'],
    ]);
  });

  it('tells the line that a row ends on, and its text', () =>
    expect(
      rowsOf('a,b\r\n"1\n2",3\n\n"x,y\nz\n').map(({ row, line, text }) => [row, line, text]),
    ).toEqual([
      [1, 1, 'a,b'],
      [2, 3, '"1\n2",3'],
      [4, 5, '"x,y'],
      [5, 6, 'z'],
    ]));

  it('counts blank lines, and leaves them out', () =>
    expect(cellsOf('a\n\n1,2\n\r\n3\n\n')).toEqual([
      [1, 'a'],
      [3, '1', '2'],
      [5, '3'],
    ]));

  it('reads nothing in nothing', () => expect(rowsOf('', '')).toEqual([]));

  it.each([
    ['text after a closing quote', '"1"x,2', 'has text after a closing quote'],
    ['a quote that is never closed', '"1,2', 'has a quote that is never closed'],
    ['a quote that meets another later', '"1,2\n"3",4', 'has text after a closing quote'],
  ])('loses one line to %s', (_, line, fault) => {
    const after = line.includes('\n') ? [[3, '3', '4']] : [];
    expect(faultsOf(`a,b\n${line}\n5,6\n7,8\n`)).toEqual([
      [1, 'a', 'b'],
      [2, fault],
      ...after,
      [3 + after.length, '5', '6'],
      [4 + after.length, '7', '8'],
    ]);
  });

  it.each([
    ['is too long', 'x'.repeat(ROW_CHARACTERS_MAX + 1)],
    ['comes to no end', `"x${'\nx'.repeat(ROW_CHARACTERS_MAX)}`],
  ])('gives up a row that %s', (_, text) => {
    const reader = new CsvReader();
    const pieces = `a\n${text}\nb\n`.match(/[^]{1,1000}/g)!;
    const rows = [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
    expect(rows[0]).toMatchObject({ row: 1, cells: ['a'] });
    expect(rows[1]).toMatchObject({
      row: 2,
      cells: [],
      fault: expect.stringMatching(/longer|closed/),
    });
    expect(rows.at(-1)!.cells).toEqual(['b']);
    expect(rows.at(-1)!.row).toBe(rows.length);
  });

  it('gives the same rows however the text is cut', () =>
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: fc.constantFrom(...'ab",\r\n ') }), { minLength: 2 })),
        fc.array(fc.nat(20)),
        (table, cuts) => {
          const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
          const text = table.map((cells) => `${cells.map(quoted).join()}\r\n`).join('');
          const pieces: string[] = [];
          let at = 0;
          for (const cut of cuts) pieces.push(text.slice(at, (at += cut)));
          expect(rowsOf(...pieces, text.slice(at)).map(({ cells }) => cells)).toEqual(table);
        },
      ),
    ));

  it('gives the same rows and faults of any text however it is cut', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab",\r\n'), maxLength: 60 }),
        fc.nat(60),
        fc.nat(60),
        (text, one, other) => {
          const [first, second] = [Math.min(one, other), Math.max(one, other)];
          const cut = [text.slice(0, first), text.slice(first, second), text.slice(second)];
          expect(rowsOf(...cut)).toEqual(rowsOf(text));
        },
      ),
      { numRuns: 2_000 },
    ));
});
