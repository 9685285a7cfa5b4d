import { rateLimit } from './rate-limit.js';

const limited = (defaults: Parameters<typeof rateLimit>[0]) => {
  const clock = { ms: 0 };
  const { take } = rateLimit(defaults, () => clock.ms);
  /** How many of `count` tokens there are. */
  const got = (count: number, key = 'a', perSecond?: number): number =>
    Array.from({ length: count }, () => take(key, perSecond)).filter((wait) => wait === 0).length;
  return { clock, take, got };
};

describe('a rate limit', () => {
  it('lets a burst through and then as many as come back in time', () => {
    const { clock, got } = limited({ perSecond: 10 });
    expect(got(50)).toBe(20);
    clock.ms += 500;
    expect(got(50)).toBe(5);
    clock.ms += 99;
    expect(got(50)).toBe(0);
    clock.ms += 1;
    expect(got(50)).toBe(1);
  });

  it('saves up no more than a burst', () => {
    const { clock, got } = limited({ perSecond: 10, burst: 3 });
    clock.ms += 3_600_000;
    expect(got(50)).toBe(3);
  });

  it('counts each key by itself, at its own rate', () => {
    const { clock, got } = limited({ perSecond: 10 });
    expect([got(50, 'a'), got(50, 'b'), got(50, 'c', 1)]).toEqual([20, 20, 2]);
    clock.ms += 1_000;
    expect([got(50, 'a'), got(50, 'c', 1)]).toEqual([10, 1]);
  });

  it('says in whole seconds when to come back', () => {
    const { take, got } = limited({ perSecond: 0.25, burst: 1 });
    expect(got(1)).toBe(1);
    expect(take('a')).toBe(4);
  });
});
