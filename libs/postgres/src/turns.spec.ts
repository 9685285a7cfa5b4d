import { TransientError } from '@throughline/kernel';
import { behindRequests, TURN_TIMEOUT_MS, Turns } from './turns.js';

/** Takes a turn and notes when it comes; ended by its name. */
const stage = (max: number) => {
  const turns = new Turns(max);
  const came: string[] = [];
  const ends = new Map<string, () => void>();
  const take = async (name: string): Promise<void> => {
    const end = await turns.take();
    came.push(name);
    ends.set(name, end);
  };
  const background = (name: string): Promise<void> => behindRequests(() => take(name));
  const end = async (name: string): Promise<void> => {
    ends.get(name)!();
    await settle();
  };
  return { turns, came, take, background, end };
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('the turns of a pool', () => {
  it('leave connections to requests, however much waits behind them', async () => {
    const { came, take, background, end } = stage(4);
    for (const name of names('work', 4)) void background(name);
    await settle();
    expect(came).toEqual(['work0', 'work1']);
    void take('request0');
    void take('request1');
    await settle();
    expect(came.slice(2)).toEqual(['request0', 'request1']);

    void take('request2');
    await end('work0');
    expect(came.at(-1)).toBe('request2');
    await end('request0');
    expect(came.at(-1)).toBe('work2');
    await end('request1');
    expect(came).toHaveLength(6);
    await end('work1');
    expect(came.at(-1)).toBe('work3');
  });

  it('go to work behind requests too where there is one connection alone', async () => {
    const { came, background, end } = stage(1);
    for (const name of names('work', 2)) void background(name);
    await settle();
    expect(came).toEqual(['work0']);
    await end('work0');
    expect(came).toEqual(['work0', 'work1']);
  });

  it('are given up by requests after a second, and not by work behind them', async () => {
    const { turns, came, take, background, end } = stage(1);
    await take('holder');
    void background('patient');
    await expect(take('late')).rejects.toThrow(TransientError);
    expect(turns.waiting).toBe(0);
    await end('holder');
    expect(came).toEqual(['holder', 'patient']);
  });

  it('are not given up by one whose turn comes while the process was busy', async () => {
    const { came, take, end } = stage(1);
    await take('holder');
    const waiting = take('waiting');
    // Time is up, and the answer that frees the connection has come: both wait for the process.
    setTimeout(() => {
      const busyUntil = performance.now() + 100;
      while (performance.now() < busyUntil);
      setImmediate(() => void end('holder'));
    }, TURN_TIMEOUT_MS - 50);
    await waiting;
    expect(came).toEqual(['holder', 'waiting']);
  });

  it('are refused to work that waits when the pool is about to end', async () => {
    const { turns, take, background } = stage(1);
    await take('holder');
    const refused = expect(background('work')).rejects.toThrow('stopping');
    turns.endPatience();
    await refused;
  });
});
