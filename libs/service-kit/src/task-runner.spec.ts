import { until } from '@throughline/testing';
import { pino } from 'pino';
import { TaskRunner } from './task-runner.js';

const newRunner = (run: () => Promise<void>, words: string[] = []) => {
  const logger = pino({ level: 'warn' }, { write: (line: string) => void words.push(line) });
  return new TaskRunner({ name: 'tidy', everyMs: 1, run }, logger);
};

/** Long enough for another task to have run a few times more. */
const someRuns = async (): Promise<void> => {
  let runs = 0;
  const clock = newRunner(async () => {
    runs += 1;
  });
  clock.start();
  await until(() => runs >= 5);
  await clock.stop();
};

describe('a task', () => {
  it('runs again and again, one run at a time, until it is stopped', async () => {
    let runs = 0;
    let underWay = 0;
    let most = 0;
    const runner = newRunner(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      underWay -= 1;
      runs += 1;
    });
    runner.start();
    await until(() => runs >= 4);
    await runner.stop();
    const ran = runs;
    expect([most, underWay]).toEqual([1, 0]);
    await someRuns();
    expect(runs).toBe(ran);
  });

  it('that fails is logged and comes again', async () => {
    const words: string[] = [];
    let runs = 0;
    const runner = newRunner(async () => {
      runs += 1;
      if (runs === 1) throw new Error('not today');
    }, words);
    runner.start();
    await until(() => runs >= 3);
    await runner.stop();
    expect(words).toHaveLength(1);
    expect(JSON.parse(words[0]!)).toMatchObject({ task: 'tidy', msg: 'task failed' });
  });

  it('that was stopped before it began never runs', async () => {
    let runs = 0;
    const runner = newRunner(async () => {
      runs += 1;
    });
    await runner.stop();
    runner.start();
    await someRuns();
    expect(runs).toBe(0);
  });
});
