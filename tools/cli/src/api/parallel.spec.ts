import { inParallel } from './parallel.js';

const count = function* (to: number, taken: number[] = []): Generator<number> {
  for (let item = 0; item < to; item += 1) {
    taken.push(item);
    yield item;
  }
};

describe('working in parallel', () => {
  it('works on every item once, several at a time', async () => {
    const done: number[] = [];
    let [running, most] = [0, 0];
    await inParallel(count(20), 4, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual([...count(20)]);
    expect(most).toBe(4);
  });

  it('stops reading at the first error, lets the others finish, and throws it', async () => {
    const taken: number[] = [];
    const done: number[] = [];
    const work = async (item: number): Promise<void> => {
      await Promise.resolve();
      if (item === 3) throw new Error('item 3');
      done.push(item);
    };
    await expect(inParallel(count(1_000, taken), 2, work)).rejects.toThrow('item 3');
    expect(taken.length).toBeLessThan(10);
    expect(done).toContain(2);
  });

  it('throws what the source throws', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('unreadable');
    }
    await expect(inParallel(broken(), 2, () => Promise.resolve())).rejects.toThrow('unreadable');
  });
});
