import { randomUUID } from 'node:crypto';
import { MemoryLog, type ProposedEvent } from './memory-log.js';

const proposed = (id: string = randomUUID(), data: unknown = {}): ProposedEvent => ({
  id,
  type: 'Happened',
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});
const keep = (log: MemoryLog, stream: string, kept: object): void =>
  void log.append(`$$${stream}`, [proposed(randomUUID(), kept)], 'any');
const left = (log: MemoryLog, stream: string) =>
  log.stream(stream)?.map(({ revision }) => revision);

describe('the log of the double', () => {
  it('takes the same ids for the same write, also wherever the stream ends', () => {
    const log = new MemoryLog();
    const [one, two, three] = [proposed(), proposed(), proposed()];
    const first = log.append('a', [one, two], -1);
    log.append('a', [three], 1);
    expect(log.append('a', [one, two], -1)).toEqual(first);
    expect(log.append('a', [one, two], 'any')).toEqual(first);
    expect(log.append('a', [two, three], 'any')).toMatchObject({ ok: true, revision: 2 });
    expect(log.append('a', [one, three], 'any')).toMatchObject({ ok: true, revision: 4 });
    expect(log.append('a', [one], 1)).toEqual({ ok: false, currentRevision: 4 });
    expect(left(log, 'a')).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps of a stream what its metadata say', () => {
    const log = new MemoryLog();
    log.append('a', [proposed(), proposed(), proposed()], -1);
    keep(log, 'a', { $maxCount: 2 });
    expect(left(log, 'a')).toEqual([1, 2]);
    keep(log, 'a', { $tb: 2 });
    expect(left(log, 'a')).toEqual([2]);
    keep(log, 'a', { $maxAge: 3_600 });
    expect(left(log, 'a')).toEqual([0, 1, 2]);
    keep(log, 'a', { $maxAge: -1 });
    expect(left(log, 'a')).toEqual([]);
  });

  it('goes on with the revisions of a stream that was deleted softly', () => {
    const log = new MemoryLog();
    log.append('a', [proposed(), proposed()], -1);
    log.deleteSoftly('a');
    expect(left(log, 'a')).toBeUndefined();
    expect(log.append('a', [proposed()], -1)).toMatchObject({ ok: true, revision: 2 });
    expect(left(log, 'a')).toEqual([2]);
  });

  it('marks a stream that was deleted for ever by the last revision there is', () => {
    const log = new MemoryLog();
    log.append('a', [proposed()], -1);
    expect(log.isTombstoned('a')).toBe(false);
    log.tombstone('a');
    expect(log.isTombstoned('a')).toBe(true);
    expect(log.events.at(-1)).toMatchObject({
      type: '$streamDeleted',
      stream: 'a',
      revision: 9_223_372_036_854_775_807n,
    });
  });

  it('knows where its records begin', () => {
    const log = new MemoryLog();
    log.append('a', [proposed()], -1);
    const { position } = log.events.at(-1)!;
    expect([0, position, position + 1].map((at) => log.isBoundary(at))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
