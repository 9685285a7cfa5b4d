import { csv, exactCsv } from './csv.js';

describe('cells as CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('%j runs in no spreadsheet', (text) => {
    expect(csv([text, 'a'])).toBe(text === '\rx' ? `"'\rx",a` : `'${text},a`);
  });

  it('quotes what needs it, and nothing else', () =>
    expect(csv(['a', 'b,c', 'd"e', 'f\ng', null, undefined, ''])).toBe('a,"b,c","d""e","f\ng",,,'));

  it('leaves numbers what they are', () => expect(csv([-1, 0, 1.5])).toBe('-1,0,1.5'));

  it('says exactly what is there to a program', () =>
    expect(exactCsv(['=1', '-1', 'a,b'])).toBe('=1,-1,"a,b"'));
});
