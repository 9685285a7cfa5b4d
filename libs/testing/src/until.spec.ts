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

  it('throws what the condition throws', () =>
    expect(
      until(() => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken'));
});
