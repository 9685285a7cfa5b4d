import fc from 'fast-check';
import { frontier, isSettled, START, type Position } from './frontier.js';
import { groupsOf } from './grouping.js';
import type { Group, Row } from './order.js';
import { row } from './order.fixtures.js';

const keyOf = ({ cells }: Row): string => cells['order'] ?? '';
const WINDOW = 4;

async function* rowsFrom(keys: readonly string[], position: Position): AsyncGenerator<Row> {
  const isDone = isSettled(position);
  for (const [index, key] of keys.entries()) if (!isDone(index + 1, key)) yield row(index + 1, key);
}

const numbersOf = ({ key, rows }: Group): string =>
  `${key}:${rows.map(({ number }) => number).join()}`;

const groupsIn = async (keys: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for await (const group of groupsOf(rowsFrom(keys, START), keyOf, { window: WINDOW }))
    found.push(numbersOf(group));
  return found;
};

/** Reads until `stopAfter` groups were settled, holding some back; answers what was settled and the position. */
const interrupted = async (
  keys: readonly string[],
  start: Position,
  stopAfter: number,
  heldBack: number,
) => {
  const edge = frontier(start);
  const done: string[] = [];
  const waiting: Group[] = [];
  const source = groupsOf(rowsFrom(keys, start), keyOf, { window: WINDOW, onOpen: edge.opened });
  for await (const group of source) {
    waiting.push(group);
    if (waiting.length <= heldBack) continue;
    // The newest goes first, so that groups settle out of order.
    const next = waiting.pop()!;
    edge.settled(next);
    done.push(numbersOf(next));
    if (done.length === stopAfter) break;
  }
  return { done, position: edge.position() };
};

const settledFrom = async (keys: readonly string[], position: Position): Promise<string[]> => {
  const done: string[] = [];
  for await (const group of groupsOf(rowsFrom(keys, position), keyOf, { window: WINDOW }))
    done.push(numbersOf(group));
  return done;
};

describe('going on after an interruption', () => {
  it('meets every order whole and exactly once, wherever it stopped', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(4),
        fc.integer({ min: 1, max: 8 }),
        async (keys, firstStop, heldBack, secondStop) => {
          const one = await interrupted(keys, START, firstStop, heldBack);
          const two = await interrupted(keys, one.position, secondStop, heldBack);
          const rest = await settledFrom(keys, two.position);
          const all = [...one.done, ...two.done, ...rest];
          expect(all.sort()).toEqual((await groupsIn(keys)).sort());
        },
      ),
    ));

  it('starts behind the last row when everything is settled', async () => {
    const { position } = await interrupted(['a', 'a', 'b'], START, 9, 0);
    expect(position).toEqual({ row: 4, beyond: [] });
  });

  it('starts at the first row of the oldest order that is not settled', async () => {
    const { position } = await interrupted(['a', 'b', 'a', 'b', 'c'], START, 1, 1);
    expect(position).toEqual({ row: 1, beyond: [{ key: 'b', from: 2, to: 4 }] });
  });
});

describe('grouping', () => {
  it('keeps an order open for rows that come a little later', async () =>
    expect(await groupsIn(['a', 'b', 'a', 'b', 'b'])).toEqual(['a:1,3', 'b:2,4,5']));

  it('closes an order that got no row within the window', async () =>
    expect(await groupsIn(['a', 'b', 'b', 'b', 'b', 'a'])).toEqual(['a:1', 'b:2,3,4,5', 'a:6']));

  it('loses and doubles no row', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c')), async (keys) => {
        const numbers = (await groupsIn(keys)).flatMap((text) => text.split(':')[1]!.split(','));
        expect(numbers.map(Number).sort((a, b) => a - b)).toEqual(
          keys.map((_, index) => index + 1),
        );
      }),
    ));
});
