import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { TransientError } from './errors.js';
import { gatherer, type Settled } from './gatherer.js';

type Item = { readonly key: string; readonly name: string; readonly weight: number };
type Batch = {
  readonly names: readonly string[];
  /** Ends the batch well. */
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
};

const item = (name: string, key = name, weight = 1): Item => ({ name, key, weight });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A gatherer whose batches stay under way until the test ends them. */
const held = (options: { batchMax: number; concurrentMax?: number; isKeyed?: boolean }) => {
  const batches: Batch[] = [];
  const { batchMax, concurrentMax = 1, isKeyed = false } = options;
  const add = gatherer<Item, string>({
    batchMax,
    concurrentMax,
    weightOf: ({ weight }) => weight,
    ...(isKeyed && { keyOf: ({ key }: Item) => key }),
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({
          names: items.map(({ name }) => name),
          finish: () => resolve(items.map(({ name }) => ({ result: name.toUpperCase() }))),
          fail: reject,
        });
      }),
  });
  return { add, batches, names: () => batches.map(({ names }) => names) };
};

describe('gathering', () => {
  it('takes the callers of one turn together, and those who come meanwhile next', async () => {
    const { add, batches, names } = held({ batchMax: 10 });
    const first = Promise.all([add(item('a')), add(item('b'))]);
    await turn();
    const second = Promise.all([add(item('c')), add(item('d'))]);
    await turn();
    expect(names()).toEqual([['a', 'b']]);
    batches[0]!.finish();
    expect(await first).toEqual(['A', 'B']);
    await turn();
    expect(names()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    batches[1]!.finish();
    expect(await second).toEqual(['C', 'D']);
  });

  it('has no more batches under way than it may', async () => {
    const { add, batches, names } = held({ batchMax: 1, concurrentMax: 2 });
    const all = Promise.all(['a', 'b', 'c'].map((name) => add(item(name))));
    await turn();
    expect(names()).toEqual([['a'], ['b']]);
    batches[1]!.finish();
    await turn();
    expect(names()).toEqual([['a'], ['b'], ['c']]);
    batches[0]!.finish();
    batches[2]!.finish();
    expect(await all).toEqual(['A', 'B', 'C']);
  });

  it('keeps to the weight of a batch; what is heavier by itself goes alone', async () => {
    const { add, batches, names } = held({ batchMax: 10 });
    const weights = { a: 4, b: 5, c: 2, d: 50, e: 10, f: 1 };
    const all = Promise.all(Object.entries(weights).map(([name, at]) => add(item(name, name, at))));
    await turn();
    for (let at = 0; at < batches.length; at += 1) {
      batches[at]!.finish();
      await turn();
    }
    await all;
    expect(names()).toEqual([['a', 'b'], ['c'], ['d'], ['e'], ['f']]);
  });
});

describe('the asynchronous context of a batch', () => {
  it('is its caller own when it is alone, and no caller own when there are several', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (readonly [string[], string | undefined])[] = [];
    const add = request.run('start', () =>
      gatherer<string, string>({
        batchMax: 2,
        run: async (items) => {
          await turn();
          seen.push([[...items], request.getStore()]);
          return items.map((result) => ({ result }));
        },
      }),
    );
    const calls = ['a', 'b', 'c'].map((name) => request.run(`request ${name}`, () => add(name)));
    await Promise.all(calls);
    await request.run('request d', () => add('d'));
    expect(seen).toEqual([
      [['a', 'b'], 'start'],
      // It waited behind others, so its caller's was not kept.
      [['c'], 'start'],
      [['d'], 'request d'],
    ]);
  });
});

describe('items of one key', () => {
  it('never share a batch, keep their order and let others pass', async () => {
    const { add, batches, names } = held({ batchMax: 10, concurrentMax: 3, isKeyed: true });
    const items = [item('a1', 'a'), item('a2', 'a'), item('b1', 'b'), item('a3', 'a')];
    const all = Promise.all(items.map(add));
    await turn();
    const later = add(item('c1', 'c'));
    await turn();
    expect(names()).toEqual([['a1', 'b1'], ['c1']]);
    batches[0]!.finish();
    await turn();
    batches[2]!.finish();
    await turn();
    batches[1]!.finish();
    batches[3]!.finish();
    expect(await all).toEqual(['A1', 'A2', 'B1', 'A3']);
    expect(await later).toBe('C1');
    expect(names()).toEqual([['a1', 'b1'], ['c1'], ['a2'], ['a3']]);
  });

  it('go one at a time and in order, however batches fall', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), weight: fc.nat(4) }), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat(3)),
        async (wanted, batchMax, concurrentMax, delays) => {
          const busy = new Set<string>();
          const seen = new Map<string, number[]>();
          const add = gatherer<{ key: string; weight: number; at: number }, number>({
            batchMax,
            concurrentMax,
            weightOf: ({ weight }) => weight,
            keyOf: ({ key }) => key,
            run: async (items) => {
              for (const { key, at } of items) {
                expect(busy.has(key)).toBe(false);
                busy.add(key);
                seen.set(key, [...(seen.get(key) ?? []), at]);
              }
              for (let turns = delays.next().value ?? 0; turns > 0; turns -= 1) await turn();
              for (const { key } of items) busy.delete(key);
              return items.map(({ at }) => ({ result: at }));
            },
          });
          const results = await Promise.all(wanted.map((one, at) => add({ ...one, at })));
          expect(results).toEqual(wanted.map((_, at) => at));
          for (const order of seen.values())
            expect(order).toEqual([...order].sort((one, other) => one - other));
        },
      ),
      { numRuns: 60 },
    ));
});

describe('what goes wrong', () => {
  const outcomes = async (calls: readonly Promise<string>[]): Promise<string[]> =>
    (await Promise.allSettled(calls)).map((settled) =>
      settled.status === 'fulfilled' ? settled.value : `! ${(settled.reason as Error).message}`,
    );

  it('with one item reaches only its caller', async () => {
    const add = gatherer<string, string>({
      batchMax: 10,
      run: async (items) =>
        items.map((name): Settled<string> =>
          name === 'bad' ? { error: new Error('bad') } : { result: name.toUpperCase() },
        ),
    });
    expect(await outcomes(['a', 'bad', 'c'].map(add))).toEqual(['A', '! bad', 'C']);
  });

  it('with a batch fails its items; those behind it go on', async () => {
    const { add, batches } = held({ batchMax: 2 });
    const calls = ['a', 'b', 'c'].map((name) => add(item(name)));
    const settled = outcomes(calls);
    await turn();
    batches[0]!.fail(new Error('broken'));
    await turn();
    batches[1]!.finish();
    expect(await settled).toEqual(['! broken', '! broken', 'C']);
  });

  it('for now fails those who wait behind it too, and the next ones are tried again', async () => {
    const { add, batches, names } = held({ batchMax: 2, isKeyed: true });
    const settled = outcomes(['a', 'b', 'c', 'd'].map((name) => add(item(name))));
    await turn();
    batches[0]!.fail(new TransientError('away'));
    expect(await settled).toEqual(['! away', '! away', '! away', '! away']);
    const again = add(item('a'));
    await turn();
    batches[1]!.finish();
    expect(await again).toBe('A');
    expect(names()).toEqual([['a', 'b'], ['a']]);
  });

  it('because a batch forgot an item is heard by its caller', async () => {
    const add = gatherer<string, string>({ batchMax: 10, run: async () => [{ result: 'only' }] });
    expect(await outcomes(['a', 'b'].map(add))).toEqual([
      'only',
      '! The batch left an item unsettled',
    ]);
  });
});
