import { codecOf, type Codec } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goldenFaults, goldenStory } from './golden-suite.js';

type Named = Message<'Named', { readonly names: readonly string[] }>;
type Left = Message<'Left', { readonly reason: string; readonly by?: string }>;
type OldName = { name: string };

const namedOf = (upcast: (data: OldName) => unknown): Codec<Named> =>
  codecOf<Named>({ Named: { version: 2, upcasts: [upcast] } });
const named = namedOf(({ name }) => ({ names: name.split(' ') }));
const left = codecOf<Left>({ Left: { version: 1 } });
const leftOnceMore = codecOf<Left>({ Left: { version: 2, upcasts: [(data) => data] } });
const forgetful: Codec<Left> = {
  ...left,
  encode: ({ type, data: { reason } }) => ({ type, version: 1, data: { reason } }),
};
const changing = namedOf((data) => {
  const names = data.name.split(' ');
  data.name = '';
  return { names };
});

const FILES = {
  'Named.1.json': { name: 'Ada Lovelace' },
  'Named.2.json': { names: ['Ada', 'Lovelace'] },
  'Left.1.json': { reason: 'tired' },
  'Left.1.by-hand.json': { reason: 'tired', by: 'Ada' },
};
const path = mkdtempSync(join(tmpdir(), 'throughline-golden-'));
const folder = pathToFileURL(`${path}/`);
afterAll(() => rmSync(path, { recursive: true }));

const faultsWith = (codecs: readonly Codec<Message>[], change: () => void = () => {}) => {
  for (const [file, data] of Object.entries(FILES))
    writeFileSync(join(path, file), JSON.stringify(data));
  change();
  return goldenFaults(folder, codecs);
};

describe('golden files', () => {
  it('are without fault where each version is read, and written as it was read', () =>
    expect(faultsWith([named, left])).toEqual([]));

  it('are read as events of today: older versions, and fields that came later', () =>
    expect([
      ...goldenStory(folder, named)('Named', 'Named.2'),
      ...goldenStory(folder, left)('Left.1.by-hand'),
    ]).toEqual([
      { type: 'Named', data: { names: ['Ada', 'Lovelace'] } },
      { type: 'Named', data: { names: ['Ada', 'Lovelace'] } },
      { type: 'Left', data: { reason: 'tired', by: 'Ada' } },
    ]));

  it.each<[string, readonly Codec<Message>[], readonly string[]]>([
    ['a version without a file', [named, leftOnceMore], ['Left.2.json is missing']],
    [
      'a type that no codec knows',
      [named],
      ['Left.1.by-hand.json is of no stored type', 'Left.1.json is of no stored type'],
    ],
    [
      'a field that is not written again',
      [named, forgetful],
      [
        'Left.1.by-hand.json: written otherwise than it was read',
        'Left.1.by-hand.json: another event after it was written again',
      ],
    ],
    [
      'an upcast that changes what is stored',
      [changing, left],
      ['Named.1.json: decoding changed it'],
    ],
  ])('show %s', (_, codecs, faults) => expect(faultsWith(codecs)).toEqual(faults));

  it('show what is missing, what is newer than the codec, and names of no type', () => {
    const faults = faultsWith([named, left], () => {
      rmSync(join(path, 'Named.1.json'));
      writeFileSync(join(path, 'Named.3.json'), '{}');
      writeFileSync(join(path, 'notes.json'), '{}');
    });
    expect(faults).toEqual([
      'Named.1.json is missing',
      'Named.3.json is newer than the codec',
      'notes.json is of no stored type',
    ]);
  });
});
