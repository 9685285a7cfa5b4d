import { TransientError } from '@throughline/kernel';
import { until } from './until.js';

describe('waiting for a condition', () => {
  it('ends with its first answer', async () => {
    let looks = 0;
    const answer = await until(() => {
      looks += 1;
      return looks < 3 ? undefined : looks;
    });
    expect(answer).toBe(3);
  });

  it('takes 0 and the empty text for answers', async () => {
    expect(await until(() => 0)).toBe(0);
    expect(await until(async () => '')).toBe('');
  });

  it('gives up after the deadline and says on what', () =>
    expect(until(() => false, { deadlineMs: 30, what: 'the moon' })).rejects.toThrow(
      'Not within 30 ms: the moon',
    ));

  it('asks a condition again that could not be looked at now', async () => {
    let looks = 0;
    const condition = (): true => {
      looks += 1;
      if (looks < 3) throw new TransientError('busy');
      return true;
    };
    expect(await until(condition)).toBe(true);
    const never = until(() => Promise.reject(new TransientError('busy')), { deadlineMs: 30 });
    await expect(never).rejects.toMatchObject({ cause: new TransientError('busy') });
  });

  it('throws what else the condition throws', () =>
    expect(
      until(() => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken'));
});
