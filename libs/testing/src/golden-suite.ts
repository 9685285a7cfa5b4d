import type { Codec, RecordedEvent } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/** `<Type>.<version>.json`, and `<Type>.<version>.<what>.json` for optional fields that came later. */
const NAME = /^([A-Z][A-Za-z]*)\.([1-9][0-9]*)(?:\.[a-z0-9-]+)?\.json$/;

type NameOf<Event extends Message> =
  Event['type'] | `${Event['type']}.${number}${'' | `.${string}`}`;

const partsOf = (file: string): { readonly type: string; readonly version: number } | undefined => {
  const [, type, version] = NAME.exec(file) ?? [];
  return type && version ? { type, version: Number(version) } : undefined;
};

/** An event as the log would give it back. `name` is the file's, without `.json`; a bare type means its first version. */
export const goldenEvent = (folder: URL, name: string): RecordedEvent => {
  const file = name.includes('.') ? `${name}.json` : `${name}.1.json`;
  const parts = partsOf(file);
  if (!parts) throw new Error(`${file} is no name of a golden file`);
  return {
    ...parts,
    id: '6f0d3c1e-8a4b-5e0f-9b7a-2d5c41e6a973',
    data: JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
    stream: 'golden-1',
    revision: 0,
    position: 1n,
    metadata: { at: '2026-11-01T10:00:00.000Z', causationId: 'c', correlationId: 's' },
  };
};

/** Reads golden files as events of today, to fold them: `story('OrderPlaced', 'OrderApproved.1.channel')`. */
export const goldenStory =
  <Event extends Message>(folder: URL, codec: Codec<Event>) =>
  (...names: NameOf<Event>[]): readonly Event[] =>
    names.map((name) => codec.decode(goldenEvent(folder, name)));

const faultsOf = (folder: URL, file: string, { encode, decode }: Codec<Message>): string[] => {
  const read = () => goldenEvent(folder, file.replace(/\.json$/, ''));
  const stored = read();
  const event = decode(stored);
  const written = encode(event);
  const faults: string[] = [];
  // An upcast that changes what it was given would change what other readers of the same batch see.
  if (!isDeepStrictEqual(stored.data, read().data)) faults.push(`${file}: decoding changed it`);
  const isNewest = stored.version === written.version;
  if (isNewest && !isDeepStrictEqual(written.data, stored.data))
    faults.push(`${file}: written otherwise than it was read`);
  if (!isDeepStrictEqual(decode({ ...stored, ...written }), event))
    faults.push(`${file}: another event after it was written again`);
  return faults;
};

/** What is wrong with the golden files of a folder, for the codecs whose events it holds; empty when nothing is. */
export const goldenFaults = (folder: URL, codecs: readonly Codec<Message>[]): string[] => {
  const files = readdirSync(folder);
  const codecOf = new Map(
    codecs.flatMap((codec) => Object.keys(codec.types).map((type) => [type, codec])),
  );
  const missing = codecs
    .flatMap(({ types }) => Object.entries(types))
    .flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
    )
    .filter((file) => !files.includes(file))
    .map((file) => `${file} is missing`);
  const wrong = files.flatMap((file) => {
    const parts = partsOf(file);
    const codec = parts && codecOf.get(parts.type);
    if (!codec) return [`${file} is of no stored type`];
    if (parts.version > codec.types[parts.type]!.version)
      return [`${file} is newer than the codec`];
    return faultsOf(folder, file, codec);
  });
  return [...missing, ...wrong];
};

/**
 * The tests that every stored event needs: each version of each type has a golden file, each file can be
 * read, and is written as it was read. `folder` holds the events of all `codecs`.
 */
export const goldenSuite = (folder: URL, ...codecs: readonly Codec<Message>[]): void =>
  it('every event ever stored is read, and written as it was read', () =>
    expect(goldenFaults(folder, codecs)).toEqual([]));
