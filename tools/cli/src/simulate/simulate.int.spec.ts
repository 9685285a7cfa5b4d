import type { TestServer } from '../api/server.fixtures.js';
import { smooth } from './plan.fixtures.js';
import { simulate, type SimulateOptions } from './simulate.js';
import { playground } from './system.fixtures.js';

const play = (server: TestServer, more: Partial<SimulateOptions> = {}): Promise<boolean> =>
  simulate({
    ...smooth,
    url: server.url,
    key: 'k',
    dataDir: '.',
    connections: 4,
    untilIdle: 1,
    // Only the spec of being stuck may get there: retries that back off can stand still for seconds.
    stuckAfter: 120,
    say: () => undefined,
    ...more,
  });

const rough = { shortRate: 0.3, deliveryFailureRate: 0.3, lostRate: 0.1, returnRate: 0.4 };

describe('the simulation', () => {
  it('brings every order to its end, and then ends', async () => {
    const world = playground(30);
    await using server = await world.serve();
    expect(await play(server)).toBe(true);
    expect(world.statuses()).toEqual({
      floor: Array<string>(30).fill('handed-over'),
      parcels: Array<string>(30).fill('delivered'),
      returns: [],
    });
  });

  it('does the same whatever is lost on the way, and nothing twice', async () => {
    const [calm, stormy] = [playground(40), playground(40)];
    await using quiet = await calm.serve();
    await using noisy = await stormy.serve((index) => {
      // Spread, or a round of as many requests would lose the same one each time.
      const die = (Math.imul(index, 0x9e3779b1) >>> 16) % 7;
      return die === 3 ? 'cut' : die === 5 ? { status: 503 } : undefined;
    });
    expect(await Promise.all([play(quiet, rough), play(noisy, rough)])).toEqual([true, true]);
    expect(stormy.statuses()).toEqual(calm.statuses());
    expect([...stormy.seen].sort()).toEqual([...calm.seen].sort());
    expect(stormy.repeats.length).toBeGreaterThan(0);
    const { parcels, returns } = calm.statuses();
    expect(new Set(parcels)).toEqual(new Set(['delivered', 'lost', 'returned-to-origin']));
    expect(new Set(returns)).toEqual(new Set(['inspected']));
  });

  it('does the same when it is started again', async () => {
    const [once, twice] = [playground(40), playground(40)];
    await using one = await once.serve();
    await using two = await twice.serve();
    await play(one, rough);
    const controller = new AbortController();
    const interrupted = play(two, { ...rough, signal: controller.signal });
    while (twice.seen.size < 60) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await interrupted;
    await play(two, rough);
    expect(twice.statuses()).toEqual(once.statuses());
    expect([...twice.seen].sort()).toEqual([...once.seen].sort());
  });

  it('fails when orders move and nothing can be done for them', async () => {
    const world = playground(1);
    const refused = { status: 409, body: { code: 'over-pick' } };
    await using server = await world.serve((_, { method }) =>
      method === 'POST' ? refused : undefined,
    );
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    expect(await play(server, { stuckAfter: 1, say })).toBe(false);
    expect(said.join('\n')).toMatch(/orders are still moving:\n.*f-0 +in-fulfillment/);
    expect(said.join('\n')).toMatch(/refused picked: 409 over-pick +\d/);
  });

  it('is not stuck while everything lies ahead', async () => {
    const world = playground(1, new Date().toISOString());
    const controller = new AbortController();
    await using server = await world.serve((index) => {
      if (index > 100) controller.abort();
      return undefined;
    });
    const { signal } = controller;
    expect(await play(server, { speed: 1, stuckAfter: 1, signal })).toBe(true);
    expect(world.statuses().floor).toEqual(['released']);
  });
});
