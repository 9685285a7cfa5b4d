import { firstMatch } from './conditions.js';
import type { Condition } from './mapping.js';

const holds = (when: Omit<Condition, 'column'>, text: string): boolean =>
  firstMatch([{ when: { column: 'a', ...when }, code: 'x' }])({ a: text }) !== undefined;

describe('a condition', () => {
  it.each([
    [{ matches: '^C' }, 'C536379', true],
    [{ matches: '^C' }, 'c536379', false],
    [{ matches: '^C', ignoreCase: true }, 'c536379', true],
    [{ in: ['M', 'D'] }, 'M', true],
    [{ in: ['M', 'D'] }, 'm', false],
    [{ in: ['M', 'D'], ignoreCase: true }, 'm', true],
    [{ below: 1 }, '0.99', true],
    [{ below: 1 }, '1', false],
    [{ below: 1 }, '', false],
    [{ below: 1 }, 'none', false],
    [{ atMost: 0 }, '0', true],
    [{ atMost: 0 }, '-3', true],
    [{ atMost: 0 }, '0.001', false],
    [{ empty: true }, '  ', true],
    [{ empty: true }, 'x', false],
    [{ empty: false }, 'x', true],
    [{ below: 10, matches: '^\\d$' }, '7', true],
    [{ below: 10, matches: '^\\d$' }, '-7', false],
  ] as const)('%j of "%s" is %s', (when, text, expected) =>
    expect(holds(when, text)).toBe(expected),
  );

  it('takes a missing column for an empty one', () =>
    expect(
      firstMatch([{ when: { column: 'b', empty: true }, code: 'no-b' }])({ a: 'x' })?.code,
    ).toBe('no-b'));

  it('answers the first rule that holds', () =>
    expect(
      firstMatch([
        { when: { column: 'a', below: 0 }, code: 'first' },
        { when: { column: 'a', below: 5 }, code: 'second' },
        { when: { column: 'a', below: 9 }, code: 'third' },
      ])({ a: '3' })?.code,
    ).toBe('second'));
});
