import { Pace } from './pace.js';

const begin = (pace: Pace, count: number): void => {
  for (let request = 0; request < count; request += 1) pace.requestBegins();
};

describe('the pace of work behind requests', () => {
  it('is free while requests are few', async () => {
    const pace = new Pace();
    begin(pace, 11);
    expect(pace.isBusy).toBe(false);
    const before = performance.now();
    await pace.stepBack();
    expect(performance.now() - before).toBeLessThan(20);
  });

  it('steps back when they are many, and is free again some time after the wave', async () => {
    const pace = new Pace();
    begin(pace, 12);
    expect(pace.isBusy).toBe(true);
    for (let request = 0; request < 12; request += 1) pace.requestEnds();
    expect(pace.isBusy).toBe(true);
    const before = performance.now();
    await pace.stepBack();
    expect(performance.now() - before).toBeGreaterThanOrEqual(95);
    while (pace.isBusy) await pace.stepBack();
    expect(performance.now() - before).toBeGreaterThanOrEqual(95);
  });
});
