import { Pace } from './pace.js';

const begin = (pace: Pace, count: number): void => {
  for (let request = 0; request < count; request += 1) pace.requestBegins();
};
/** Whether work may go on within this turn of the event loop. */
const goesOnAtOnce = (pace: Pace): Promise<boolean> =>
  Promise.race([
    pace.stepBack().then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);

describe('the pace of work behind requests', () => {
  it('is free while requests are few, however many have been', async () => {
    const pace = new Pace();
    for (let wave = 0; wave < 10; wave += 1) {
      begin(pace, 11);
      for (let request = 0; request < 11; request += 1) pace.requestEnds();
    }
    begin(pace, 11);
    expect(pace.isBusy).toBe(false);
    expect(await goesOnAtOnce(pace)).toBe(true);
  });

  it('steps back when they are many, and is free again some time after the wave', async () => {
    const pace = new Pace();
    begin(pace, 12);
    for (let request = 0; request < 12; request += 1) pace.requestEnds();
    expect(pace.isBusy).toBe(true);
    expect(await goesOnAtOnce(pace)).toBe(false);
    while (pace.isBusy) await pace.stepBack();
    expect(await goesOnAtOnce(pace)).toBe(true);
  });

  it('goes on step by step while they stay many', async () => {
    const pace = new Pace();
    begin(pace, 12);
    let steps = 0;
    for (; steps < 3; steps += 1) {
      pace.requestBegins();
      expect(pace.isBusy).toBe(true);
      await pace.stepBack();
    }
    expect(steps).toBe(3);
  });
});
