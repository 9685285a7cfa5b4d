import { once } from 'node:events';
import { TransientError } from '@throughline/kernel';
import { watchKey } from './key-watch.js';

/** What the looks answer, one after the other; the last again and again. */
const looks = (...answers: (boolean | 'away')[]) => {
  let seen = 0;
  const stillValid = async (): Promise<boolean> => {
    const answer = answers[Math.min(seen, answers.length - 1)]!;
    seen += 1;
    if (answer === 'away') throw new TransientError('away');
    return answer;
  };
  return { stillValid, seen: () => seen };
};

it('ends with the key, and looks no more then', async () => {
  const { stillValid, seen } = looks(true, 'away', true, false);
  const { signal } = watchKey(stillValid, { everyMs: 1 });
  await once(signal, 'abort');
  expect(seen()).toBe(4);
});

it('ends when it could not be told for long who holds the key', async () => {
  const { stillValid, seen } = looks(true, 'away');
  await once(watchKey(stillValid, { everyMs: 1, unprovenMs: 20 }).signal, 'abort');
  expect(seen()).toBeGreaterThan(2);
});
