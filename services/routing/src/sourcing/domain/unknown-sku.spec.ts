import { deciderSpec, run } from '@throughline/testing';
import { needsPlan } from './attempt.js';
import { sourcing } from './sourcing.decider.js';
import {
  at,
  cancel,
  cancelled,
  line,
  location,
  picture,
  proposed,
  started,
  stock,
} from './sourcing.fixtures.js';
import type { SourcingCommand, SourcingEvent } from './sourcing.js';

const given = deciderSpec(sourcing);

const A = line('a', 2);
const B = line('b', 1);
const SEEN = picture([location('near', 1)], [stock('near', 'sku-a', 5)]);
const PLAN: SourcingCommand = { type: 'PlanAttempt', data: { picture: SEEN } };
const PROPOSED = [started(A, B), proposed(1, [at('near', A)], { final: true, backorders: [B] })];

const refusal = (attempt: number) => ({ attempt, shortages: [], unknownSkus: ['sku-b'] });
const refuse = (attempt: number): SourcingCommand => ({
  type: 'RefuseAttempt',
  data: refusal(attempt),
});
const refused = (attempt: number): SourcingEvent => ({
  type: 'AttemptRefused',
  data: refusal(attempt),
});
const failed = (attempt: number): SourcingEvent => ({
  type: 'SourcingFailed',
  data: { attempt, reason: 'unknown-sku', skus: ['sku-b'] },
});
const FAILED = [...PROPOSED, refused(1), failed(1)];

describe('a SKU that no catalogue lists', () => {
  it('makes sourcing fail, naming it, and nothing is planned meanwhile', () => {
    given(...PROPOSED)
      .when(refuse(1))
      .thenEvents(refused(1), failed(1));
    const state = run(sourcing, FAILED, []);
    expect(state).toMatchObject({ open: [A, B], inFlight: null, unknownSkus: ['sku-b'] });
    expect(needsPlan(state)).toBe(false);
  });

  it('fails once, however often that is heard', () => {
    given(...FAILED)
      .when(refuse(1))
      .thenNothing();
  });

  it('is proposed again as a whole when the item may be there', () => {
    const { decision } = given(...FAILED).when(PLAN);
    expect(decision).toMatchObject({
      events: [
        {
          type: 'SourcingProposed',
          data: { attempt: 2, final: true, allocations: [at('near', A)], backorders: [B] },
        },
      ],
    });
    const again = run(sourcing, FAILED, [PLAN]);
    expect(again).toMatchObject({ failure: null, unknownSkus: [], open: [] });
  });

  it('does not matter where its line was cancelled while the attempt was under way', () => {
    const events = [...PROPOSED, cancelled('c1', { inFlight: [B] })];
    given(...events)
      .when(refuse(1))
      .thenEvents(refused(1));
    expect(needsPlan(run(sourcing, [...events, refused(1)], []))).toBe(true);
  });

  it('is no failure any more when its line is cancelled', () => {
    given(...FAILED)
      .when(cancel('c1', B))
      .thenEvents(cancelled('c1', { open: [B] }));
    const state = run(sourcing, FAILED, [cancel('c1', B)]);
    expect(state).toMatchObject({ failure: null, unknownSkus: [], open: [A] });
    expect(needsPlan(state)).toBe(true);
  });
});
