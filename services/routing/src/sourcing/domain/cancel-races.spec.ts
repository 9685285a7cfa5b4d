import { fold } from '@throughline/kernel';
import { sourcing } from './sourcing.decider.js';
import type { Sourcing, SourcingCommand, SourcingEvent } from './sourcing.js';
import {
  at,
  cancel,
  line,
  location,
  picture,
  placeAt,
  reserved,
  start,
  stock,
} from './sourcing.fixtures.js';

const A = line('a', 2);
const seen = picture(
  [location('near', 0.1), location('far', 1)],
  [stock('near', 'sku-a', 2), stock('far', 'sku-a', 2)],
);
const run = (...commands: SourcingCommand[]): { state: Sourcing; events: SourcingEvent[] } => {
  let state = sourcing.initialState;
  const events: SourcingEvent[] = [];
  for (const command of commands) {
    const decision = sourcing.decide(command, state);
    if (!decision.ok) throw new Error('refused');
    events.push(...decision.events);
    state = fold(sourcing, state, decision.events);
  }
  return { state, events };
};
const recallOf = (events: SourcingEvent[]) => {
  for (const { type, data } of events) if (type === 'LinesCancelled') return data.recalls[0]!;
  throw new Error('none');
};
const begun = [start([A], seen), reserved(1, [at('near', A)])];
const { fulfillmentId } = placeAt(1, 'near');
const returned = (reason: 'short' | 'rejected'): SourcingCommand => ({
  type: 'ReturnLines',
  data: { reason, fulfillmentId, lines: [A] },
});

describe('goods that the customer cancelled and that the location gives up by itself', () => {
  for (const reason of ['short', 'rejected'] as const)
    it(`never go back to be sourced (${reason}, heard after the cancellation)`, () => {
      const asked = run(...begun, cancel('c1', A));
      const { recallId } = recallOf(asked.events);
      const { state } = run(...begun, cancel('c1', A), returned(reason), {
        type: 'AnswerRecall',
        data: { recallId, lines: [], refused: [A] },
      });
      expect(state.open).toEqual([]);
    });
  it('never go back to be sourced (count revoked them, recall under way, then cancelled)', () => {
    const revoke: SourcingCommand = {
      type: 'RevokeReservation',
      data: { attempt: 1, locationId: 'near', lines: [A] },
    };
    const asked = run(...begun, revoke, cancel('c1', A));
    const { recallId } = recallOf(asked.events);
    const revoked = asked.events.find(({ type }) => type === 'ReservationRevoked')!.data as {
      recallId: string;
    };
    const { state } = run(
      ...begun,
      revoke,
      cancel('c1', A),
      { type: 'AnswerRecall', data: { recallId: revoked.recallId, lines: [A], refused: [] } },
      { type: 'AnswerRecall', data: { recallId, lines: [], refused: [A] } },
    );
    expect(state.open).toEqual([]);
  });
});
