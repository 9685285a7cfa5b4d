import { SharedHead, sharedCall } from './shared-call.js';

/** A call that ends when the test says so. */
const heldCall = () => {
  const calls: ((result: bigint) => void)[] = [];
  return { calls, call: () => new Promise<bigint>((resolve) => calls.push(resolve)) };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a shared call has one under way and one that waits, however many ask', async () => {
  const { calls, call } = heldCall();
  const ask = sharedCall(call);
  const first = [ask(), ask()];
  await turn();
  const second = [ask(), ask(), ask()];
  await turn();
  expect(calls).toHaveLength(1);
  calls[0]!(1n);
  expect(await Promise.all(first)).toEqual([1n, 1n]);
  await turn();
  expect(calls).toHaveLength(2);
  calls[1]!(2n);
  // Whoever asked while the first was under way is not told what may be older than the question.
  expect(await Promise.all(second)).toEqual([2n, 2n, 2n]);
});

describe('the head that a process shares', () => {
  it('is asked for again unless an older answer will do', async () => {
    let end = 5n;
    let calls = 0;
    const head = new SharedHead(async () => {
      calls += 1;
      return end;
    });
    expect(await head.get(60_000)).toBe(5n);
    end = 6n;
    expect([await head.get(60_000), calls]).toEqual([5n, 1]);
    expect([await head.get(), calls]).toEqual([6n, 2]);
    expect([await head.get(60_000), calls]).toEqual([6n, 2]);
  });

  it('is at least where something is known to stand, until the store says otherwise', async () => {
    const head = new SharedHead(async () => 5n);
    await head.get();
    head.saw(9n);
    head.saw(7n);
    expect(await head.get(60_000)).toBe(9n);
    // Of a log that was restored.
    expect([await head.get(), await head.get(60_000)]).toEqual([5n, 5n]);
  });

  it('is not lowered by an answer that is older than what was seen', async () => {
    const { calls, call } = heldCall();
    const head = new SharedHead(call);
    const asked = head.get();
    await turn();
    head.saw(9n);
    calls[0]!(5n);
    expect(await asked).toBe(9n);
    expect(await head.get(60_000)).toBe(9n);
  });
});
