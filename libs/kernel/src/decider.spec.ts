import { accept, assertNever, fold, reject } from './decider.js';

describe('a decision', () => {
  it('accepts with the events, or with none', () => {
    expect(accept('a', 'b')).toEqual({ ok: true, events: ['a', 'b'] });
    expect(accept()).toEqual({ ok: true, events: [] });
  });

  it('refuses with a code and its facts', () =>
    expect(reject({ code: 'over-pick', open: 1 })).toEqual({
      ok: false,
      rejection: { code: 'over-pick', open: 1 },
    }));
});

describe('folding', () => {
  it('goes from the oldest event to the newest', () => {
    const written = { evolve: (text: string, event: string) => text + event };
    expect(fold(written, '>', ['a', 'b', 'c'])).toBe('>abc');
    expect(fold(written, '>', [])).toBe('>');
  });
});

describe('a variant that nobody handles', () => {
  it('throws and says which', () =>
    expect(() => assertNever({ type: 'New' } as never)).toThrow(/Unexpected variant.*New/));
});
