import { startDouble, until, type EventStoreDouble } from '@throughline/testing';
import { TestSystem } from './system.fixtures.js';

const DEADLINE = { deadlineMs: 30_000 };

const lines: string[] = [];
let double: EventStoreDouble;
let system: TestSystem;
beforeAll(async () => {
  double = await startDouble();
  system = await TestSystem.start({
    eventStoreUrl: double.connectionString,
    logLines: { write: (line) => void lines.push(line) },
  });
  await system.stock('W1', 'SW1Y 4JH', { tea: 5 });
  await system.place('first', { tea: 1 });
  await system.settled();
});
afterAll(async () => {
  await system.stop();
  await double.stop();
});
afterEach(() => {
  double.heal();
  double.faults.slowReads = undefined;
});

const readiness = async () => {
  const { status, body } = await system.http('GET', '/health/ready');
  return { status, store: body.parts['event store'] };
};

describe('the whole product on one event store', () => {
  it('asks it fewer than five times a second while it is idle', async () => {
    const before = double.service.calls.read;
    const begunMs = performance.now();
    await until(() => double.service.calls.read >= before + 5, DEADLINE);
    expect(performance.now() - begunMs).toBeGreaterThan(1_000);
    expect(double.service.open).toBeGreaterThan(10);
  });

  it('is ready on a store that is slow to read, and says that it is slow', async () => {
    double.faults.slowReads = { readMs: 3_000, threads: 2 };
    const open = double.service.open;
    await until(async () => (await readiness()).store !== 'up', DEADLINE);
    expect(await readiness()).toEqual({
      status: 200,
      store: expect.stringMatching(/^degraded: .*No answer/),
    });
    expect(double.service.open).toBe(open);
  });

  it('is down with the reason while it is away, and ready within half a second when it is back', async () => {
    await until(async () => (await readiness()).store === 'up', DEADLINE);
    lines.length = 0;
    double.refuse();
    await until(async () => (await readiness()).status === 503, DEADLINE);
    expect((await readiness()).store).toMatch(/^down: .*UNAVAILABLE/);
    // Long enough for every reader and task to have met it several times.
    const made = double.made();
    await until(() => double.made() > made + 20, DEADLINE);
    const told = lines.filter((line) => /"level":"(warn|error)"/.test(line));
    expect(told.filter((line) => line.includes('"stack"'))).toEqual([]);
    expect(told.filter((line) => line.includes('the event store is away'))).toHaveLength(1);
    // Tasks that ask the store say so once each.
    expect(told.length).toBeLessThan(20);
    double.heal();
    const healedMs = performance.now();
    await until(async () => (await readiness()).status === 200, DEADLINE);
    expect(performance.now() - healedMs).toBeLessThan(500);
    await until(() => lines.some((line) => line.includes('answers again')), DEADLINE);
    await system.place('second', { tea: 1 });
    await system.settled();
  });
});
