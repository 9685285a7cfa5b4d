import type { ContractMessage } from '@throughline/contracts';
import { Generation } from './kafka-generation.js';
import { KeyedWork } from './keyed-work.js';
import { LagClock } from './lag-clock.js';
import { Progress } from './progress.js';

describe('the progress of a reader', () => {
  const tracked = () => {
    const seen: bigint[] = [];
    return { seen, progress: new Progress(4n, (position) => seen.push(position)) };
  };

  it('is the last step before the first that is not done', () => {
    const { seen, progress } = tracked();
    const [first, second, third] = [5n, 6n, 9n].map((at) => progress.begin(at, 1));
    third!();
    expect([progress.position, seen]).toEqual([4n, []]);
    first!();
    expect([progress.position, seen]).toEqual([5n, [5n]]);
    second!();
    expect([progress.position, seen, progress.isIdle]).toEqual([9n, [5n, 9n], true]);
  });

  it('waits for all messages of a step, and passes what needs nothing', () => {
    const { progress } = tracked();
    const done = progress.begin(5n, 2, '2026-01-01T00:00:00.000Z');
    progress.pass(8n);
    done();
    expect([progress.position, progress.waitsFor]).toEqual([4n, '2026-01-01T00:00:00.000Z']);
    done();
    expect([progress.position, progress.waitsFor]).toEqual([8n, undefined]);
  });
});

describe('work on keys', () => {
  it('goes in turn for a key, side by side for others, and says when it is full', async () => {
    const work = new KeyedWork(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const first = work.take('a', async () => {
      await promise;
      seen.push('a1');
    });
    expect(work.isFull).toBe(false);
    const second = work.take('a', async () => void seen.push('a2'));
    expect(work.isFull).toBe(true);
    const room = work.room();
    await work.inTurn('b', async () => void seen.push('b'));
    resolve();
    await Promise.all([first, second, room]);
    expect([seen, work.isFull]).toEqual([['b', 'a1', 'a2'], false]);
    await work.settled();
  });

  it('goes on after what failed', async () => {
    const work = new KeyedWork(1);
    const failing = work.take('a', () => Promise.reject(new Error('no')));
    const next = work.inTurn('a', async () => 'done');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('done');
  });
});

describe('the lag of a reader in seconds', () => {
  it('counts from the first look at which more was there', () => {
    const clock = new LagClock();
    expect(clock.lagSeconds(10n, 10n, undefined, 0)).toBe(0);
    expect(clock.lagSeconds(12n, 10n, undefined, 5_000)).toBe(0);
    expect(clock.lagSeconds(15n, 11n, undefined, 8_000)).toBe(3);
    expect(clock.lagSeconds(15n, 12n, undefined, 9_000)).toBe(1);
    expect(clock.lagSeconds(15n, 15n, undefined, 9_500)).toBe(0);
  });

  it('says nothing of partitions that were read before a rebalance', () => {
    const clock = new LagClock();
    clock.lagSeconds(1_000n, 900n, undefined, 0);
    expect(clock.lagSeconds(500n, 500n, undefined, 60_000)).toBe(0);
    expect(clock.lagSeconds(600n, 500n, undefined, 65_000)).toBe(0);
    expect(clock.lagSeconds(600n, 500n, undefined, 70_000)).toBe(5);
  });

  it('is that of the oldest message under way when this is older', () =>
    expect(new LagClock().lagSeconds(2n, 1n, '1970-01-01T00:00:01.000Z', 61_000)).toBe(60));
});

describe('a generation', () => {
  const message = (id: string) => ({ id, stream: 's', streamRevision: 0 }) as ContractMessage;
  const assigned = new Map([['t', new Set([0, 1])]]);

  it('commits what is done without a gap, once, and again when that failed', () => {
    const generation = new Generation(assigned, () => undefined);
    const progress = generation.begin('t', 0, 7n);
    const [first, second] = [7n, 8n].map((offset) => progress.begin(offset, 1));
    second!();
    expect(generation.takeUncommitted()).toEqual([]);
    first!();
    const offsets = [{ topic: 't', partition: 0, offset: 9n }];
    expect(generation.takeUncommitted()).toEqual(offsets);
    expect(generation.takeUncommitted()).toEqual([]);
    generation.giveBack(offsets);
    expect(generation.takeUncommitted()).toEqual(offsets);
    generation.giveBack(offsets);
    progress.begin(9n, 1)();
    generation.giveBack(offsets);
    expect(generation.takeUncommitted()).toEqual([{ topic: 't', partition: 0, offset: 10n }]);
  });

  it('commits nothing once it is lost, and still does while it only drains', () => {
    const generation = new Generation(assigned, () => undefined);
    const progress = generation.begin('t', 0, 0n);
    const [first, second] = [0n, 1n].map((offset) => progress.begin(offset, 1));
    generation.drain();
    first!();
    expect(generation.takeUncommitted()).toEqual([{ topic: 't', partition: 0, offset: 1n }]);
    generation.lose();
    second!();
    generation.giveBack([{ topic: 't', partition: 0, offset: 1n }]);
    expect([generation.takeUncommitted(), generation.signal.aborted]).toEqual([[], true]);
  });

  it('forgets a partition that is read from elsewhere, whatever is still under way', () => {
    const generation = new Generation(assigned, () => undefined);
    const progress = generation.begin('t', 0, 5n);
    const done = progress.begin(5n, 1);
    generation.noteHandled(message('a'));
    generation.restart('t', 0);
    done();
    expect(generation.takeUncommitted()).toEqual([]);
    expect(generation.isRepeated(message('a'))).toBe(false);
    generation.begin('t', 0, 0n);
    expect(generation.nextOffset('t', 0)).toBe(0n);
  });

  it('knows messages that it has handled, however high the revision of another one is', () => {
    const generation = new Generation(assigned, () => undefined);
    generation.noteHandled(message('one'));
    generation.noteHandled({ ...message('forged'), streamRevision: 1_000_000 });
    expect(['one', 'two'].map((id) => generation.isRepeated(message(id)))).toEqual([true, false]);
  });
});
