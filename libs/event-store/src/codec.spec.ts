import type { Message } from '@throughline/kernel';
import { codecOf, type Codec } from './codec.js';

type Named = Message<'Named', { readonly first: string; readonly last: string }>;
type Left = Message<'Left', { readonly reason: string }>;

const codec: Codec<Named | Left> = codecOf<Named | Left>({
  Named: {
    version: 3,
    upcasts: [
      ({ name }: { name: string }) => ({ names: name.split(' ') }),
      ({ names }: { names: string[] }) => ({ first: names[0], last: names[1] }),
    ],
  },
  Left: { version: 1 },
});
const stored = (type: string, version: number, data: unknown) => ({
  type,
  version,
  data,
  stream: 'person-1',
});

describe('a codec', () => {
  it('writes the newest version', () =>
    expect(codec.encode({ type: 'Named', data: { first: 'Ada', last: 'Lovelace' } })).toEqual({
      type: 'Named',
      version: 3,
      data: { first: 'Ada', last: 'Lovelace' },
    }));

  it.each([
    [1, { name: 'Ada Lovelace' }],
    [2, { names: ['Ada', 'Lovelace'] }],
    [3, { first: 'Ada', last: 'Lovelace' }],
  ])('reads version %d, one step after the other', (version, data) =>
    expect(codec.decode(stored('Named', version, data))).toEqual({
      type: 'Named',
      data: { first: 'Ada', last: 'Lovelace' },
    }),
  );

  it.each([
    ['an unknown type', stored('Born', 1, {}), 'Unknown event type Born in person-1'],
    [
      'a newer version',
      stored('Left', 2, {}),
      'Left version 2 in person-1 is from a newer release',
    ],
    ['a version that never was', stored('Left', 0, {}), 'Left has no version 0 (in person-1)'],
  ])('throws on %s', (_, event, message) => expect(() => codec.decode(event)).toThrow(message));

  it('is not made without a step from each older version', () => {
    expect(() => codecOf<Left>({ Left: { version: 2 } })).toThrow('Left needs 1 upcasts');
    expect(() => codecOf<Left>({ Left: { version: 1, upcasts: [() => ({})] } })).toThrow(
      'Left needs 0 upcasts',
    );
  });
});
