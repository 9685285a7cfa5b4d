import { TransientError } from '@throughline/kernel';
import { allOrEach, eachOnItsOwn } from './each.js';

const refusing =
  (done: number[], bad: number, error: Error) =>
  async (item: number): Promise<void> => {
    if (item === bad) throw error;
    done.push(item);
  };

describe('items of a task', () => {
  it('do not keep one another from being worked on, and what failed is told', async () => {
    const done: number[] = [];
    const working = eachOnItsOwn([1, 2, 3], refusing(done, 2, new Error('bad data')));
    await expect(working).rejects.toThrow('1 of 3 failed: Error: bad data');
    expect(done).toEqual([1, 3]);
  });

  it('wait for the next run when it is not possible now', async () => {
    const done: number[] = [];
    const working = eachOnItsOwn([1, 2, 3], refusing(done, 2, new TransientError('away')));
    await expect(working).rejects.toThrow(TransientError);
    expect(done).toEqual([1]);
  });

  it('that go together do so one by one only where that fails', async () => {
    const seen: (readonly number[])[] = [];
    const work = async (items: readonly number[]): Promise<void> => {
      seen.push(items);
      if (items.includes(2)) throw new Error('bad data');
    };
    await allOrEach([1, 3], work);
    await expect(allOrEach([1, 2, 3], work)).rejects.toThrow('1 of 3 failed');
    expect(seen).toEqual([[1, 3], [1, 2, 3], [1], [2], [3]]);
  });
});
