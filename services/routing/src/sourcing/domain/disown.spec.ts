import { derivedId, fold } from '@throughline/kernel';
import { sourcing } from './sourcing.decider.js';
import type { Disowning } from './disown.js';
import type { SourcingCommand, SourcingEvent } from './sourcing.js';
import {
  at,
  line,
  location,
  picture,
  placeAt,
  reserved,
  start,
  stock,
} from './sourcing.fixtures.js';

const A = line('a', 2);
const B = line('b', 3);
const seen = picture(
  [location('near', 0.1)],
  [stock('near', 'sku-a', 2), stock('near', 'sku-b', 3)],
);
const disown = (disownId: string, work: Disowning['work'] = []): SourcingCommand => ({
  type: 'DisownOrder',
  data: { disownId, work },
});
const run = (...commands: SourcingCommand[]) => {
  let state = sourcing.initialState;
  let last: readonly SourcingEvent[] = [];
  for (const command of commands) {
    const decision = sourcing.decide(command, state);
    if (!decision.ok) throw new Error('refused');
    last = decision.events;
    state = fold(sourcing, state, last);
  }
  return { state, last };
};
const data = (disownId: string, told: object) => ({
  type: 'SourcingDisowned',
  data: { disownId, open: [], waiting: [], closes: null, recalls: [], ...told },
});

describe('an order that was never given out', () => {
  it('has its attempt under way closed', () => {
    const { state, last } = run(start([A], seen), disown('d1'));
    expect(last).toEqual([data('d1', { closes: { attempt: 1, lines: [A] } })]);
    expect([state.open, state.inFlight, [...state.closed]]).toEqual([[], null, [1]]);
  });

  it('has what locations work on asked back, once', () => {
    const sourced = [start([A], seen), reserved(1, [at('near', A)])];
    const place = placeAt(1, 'near');
    const recallId = derivedId('d1', place.fulfillmentId);
    const { last } = run(...sourced, disown('d1'));
    expect(last).toEqual([data('d1', { recalls: [{ ...place, recallId, lines: [A] }] })]);
    expect(run(...sourced, disown('d1'), disown('d2')).last).toEqual([]);
  });

  it('has work asked back that routing knows nothing of', () => {
    const work = { ...placeAt(1, 'near'), lines: [B] };
    const recallId = derivedId('d1', work.fulfillmentId);
    expect(run(disown('d1', [work])).last).toEqual([
      data('d1', { recalls: [{ ...work, recallId }] }),
    ]);
  });

  it('is sourced like any other once it is approved', () => {
    const { state, last } = run(start([A], seen), disown('d1'), start([B], seen));
    expect(last.map(({ type }) => type)).toEqual(['SourcingStarted', 'SourcingProposed']);
    expect(state.inFlight).toMatchObject({ attempt: 2, allocations: [at('near', B)] });
  });

  it('has the attempts of others closed, and is sourced after them once it is approved', () => {
    const forged = reserved(1, [at('near', A)]);
    expect(run(forged).last).toEqual([
      { type: 'AnswerDisbelieved', data: { attempt: 1, lines: [] } },
    ]);
    expect(run(forged, forged).last).toEqual([]);
    const disbelieved = [{ attempt: 1, lines: [] }];
    expect(run(forged, disown('d1')).last).toEqual([data('d1', { disbelieved })]);
    const { state } = run(forged, disown('d1'), start([B], seen));
    expect(state.inFlight).toMatchObject({ attempt: 2 });
  });

  it('is nothing to routing where it never came here', () =>
    expect(run(disown('d1')).last).toEqual([]));
});
