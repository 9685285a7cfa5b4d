import { accept, reject, type Decider, type Message } from '@throughline/kernel';
import { deciderSpec, run } from './decider-spec.js';

type Added = Message<'Added', { readonly by: number; readonly note?: string | undefined }>;
type Add = Message<'Add', { readonly by: number }>;
type TooMuch = { readonly code: 'too-much'; readonly free: number };

/** Holds up to 5. */
const glass: Decider<Add, Added, number, TooMuch> = {
  initialState: 0,
  decide: ({ data }, level) => {
    if (level + data.by > 5) return reject({ code: 'too-much', free: 5 - level });
    return data.by === 0 ? accept() : accept({ type: 'Added', data });
  },
  evolve: (level, { data }) => level + data.by,
};
const given = deciderSpec(glass);
const add = (by: number): Add => ({ type: 'Add', data: { by } });
const added = (by: number): Added => ({ type: 'Added', data: { by } });

describe('a decider spec', () => {
  it('passes for what the decider says', () => {
    given(added(2)).when(add(3)).thenEvents(added(3));
    given(added(2)).when(add(0)).thenNothing();
    given(added(2)).when(add(4)).thenRejected({ code: 'too-much', free: 3 });
  });

  it.each([
    ['other data', () => given().when(add(3)).thenEvents(added(2))],
    ['one event more', () => given().when(add(3)).thenEvents(added(3), added(3))],
    ['an event where there is none', () => given().when(add(0)).thenEvents(added(0))],
    ['events where it is refused', () => given().when(add(6)).thenEvents(added(6))],
    ['nothing where something happens', () => given().when(add(1)).thenNothing()],
    ['nothing where it is refused', () => given().when(add(6)).thenNothing()],
    [
      'a refusal where it is accepted',
      () => given().when(add(1)).thenRejected({ code: 'too-much', free: 4 }),
    ],
    [
      'other facts of a refusal',
      () => given().when(add(6)).thenRejected({ code: 'too-much', free: 4 }),
    ],
    [
      'a field that is absent where it is undefined',
      () =>
        given()
          .when(add(1))
          .thenEvents({ type: 'Added', data: { by: 1, note: undefined } }),
    ],
    ['a history that was not folded', () => given(added(2)).when(add(4)).thenEvents(added(4))],
  ])('fails for %s', (_, claim) => expect(claim).toThrow(/expect/));
});

describe('running commands', () => {
  it('folds what is accepted and leaves out what is refused', () =>
    expect(run(glass, [added(1)], [add(3), add(2), add(1)])).toBe(5));
});
