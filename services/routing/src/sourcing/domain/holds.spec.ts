import { deciderSpec, run } from '@throughline/testing';
import { REFUSALS_MAX, REFUSALS_WITH_HOLDS_MAX } from './attempt.js';
import { sourcing } from './sourcing.decider.js';
import {
  at,
  cancel,
  cancelled,
  heldLine,
  holdHas,
  line,
  location,
  pickupAt,
  picture,
  proposed,
  reserved,
  settled,
  start,
  started,
  stock,
} from './sourcing.fixtures.js';
import type { HeldLine, HoldStock, SourcingCommand, SourcingEvent } from './sourcing.js';

const given = deciderSpec(sourcing);

const A = heldLine('a', 3);
const B = line('b', 2);
const SEEN = picture(
  [location('near', 1), location('far', 2)],
  [stock('near', 'sku-a', 5), stock('near', 'sku-b', 5)],
);
const PLAN: SourcingCommand = { type: 'PlanAttempt', data: { picture: SEEN } };

const refusal = (attempt: number, ...holds: HoldStock[]) => ({
  attempt,
  shortages: [],
  holds,
});
const refuse = (attempt: number, ...holds: HoldStock[]): SourcingCommand => ({
  type: 'RefuseAttempt',
  data: refusal(attempt, ...holds),
});
const refused = (attempt: number, ...holds: HoldStock[]): SourcingEvent => ({
  type: 'AttemptRefused',
  data: refusal(attempt, ...holds),
});
const asking = (attempt: number, ...held: HeldLine[]): SourcingEvent =>
  proposed(attempt, [], { held });

/** The one proposal in a decision. */
const proposalIn = ({ decision }: { decision: ReturnType<typeof sourcing.decide> }) => {
  if (!decision.ok) throw new Error('Sourcing refuses nothing');
  const proposals = decision.events.flatMap((event) =>
    event.type === 'SourcingProposed' ? [event.data] : [],
  );
  expect(proposals).toHaveLength(1);
  return proposals[0]!;
};

describe('lines that a checkout holds stock for', () => {
  it('are not planned but taken over, and the others are planned beside them', () => {
    const when = given().when(start([A, B], SEEN, { channel: 'web' }));
    expect(when.decision).toMatchObject({
      events: [{ data: { channel: 'web', lines: [A, B] } }, { type: 'SourcingProposed' }],
    });
    expect(proposalIn(when)).toMatchObject({
      attempt: 1,
      final: false,
      held: [A],
      channel: 'web',
      allocations: [at('near', B)],
      backorders: [],
    });
  });

  it('are no less than the whole order where all of it is held', () =>
    expect(proposalIn(given().when(start([A], picture([], []))))).toMatchObject({
      final: false,
      held: [A],
      allocations: [],
      backorders: [],
      explanation: null,
    }));

  it('are taken over even where the rest must wait', () =>
    expect(proposalIn(given().when(start([A, line('c', 1)], SEEN)))).toMatchObject({
      final: true,
      held: [A],
      backorders: [line('c', 1)],
    }));

  it('are told of no channel and no hold where the order names none', () => {
    const proposal = proposalIn(given().when(start([B], SEEN)));
    expect(proposal).not.toHaveProperty('held');
    expect(proposal).not.toHaveProperty('channel');
  });

  it('become work at the location of the hold, which the proposal did not name', () =>
    given(started(A, B), proposed(1, [at('near', B)], { held: [A] }))
      .when(reserved(1, [at('far', line('a', 3)), at('near', B)]))
      .thenEvents(settled(1, [at('far', line('a', 3)), at('near', B)])));

  it('are held no more once they were taken over', () => {
    const returned: SourcingEvent = {
      type: 'LinesReturned',
      data: { fulfillmentId: 'f', attempt: 1, locationId: 'far', reason: 'short', lines: [A] },
    };
    const events = [started(A), asking(1, A), settled(1, [at('far', line('a', 3))]), returned];
    expect(proposalIn(given(...events).when(PLAN))).not.toHaveProperty('held');
  });

  it('wait for the one location that may hand them over', () => {
    const begun: SourcingEvent = {
      type: 'SourcingStarted',
      data: { ...startedAt('moon'), lines: [A] },
    };
    const failed: SourcingEvent = {
      type: 'SourcingFailed',
      data: { attempt: 1, reason: 'unknown-location' },
    };
    const opened = picture([location('moon', 9)], []);
    expect(
      proposalIn(given(begun, failed).when({ type: 'PlanAttempt', data: { picture: opened } })),
    ).toMatchObject({ onlyLocationId: 'moon', held: [A] });
  });
});

const startedAt = (locationId: string) => {
  const { data } = started() as Extract<SourcingEvent, { type: 'SourcingStarted' }>;
  return { ...data, delivery: pickupAt(locationId) };
};

describe('a hold that has less than was thought', () => {
  const PROPOSED = [started(A, B), proposed(1, [at('near', B)], { held: [A] })];

  it('makes everything open again', () => {
    given(...PROPOSED)
      .when(refuse(1, holdHas(1)))
      .thenEvents(refused(1, holdHas(1)));
    expect(run(sourcing, [...PROPOSED, refused(1, holdHas(1))], []).open).toEqual([
      line('a', 3),
      B,
    ]);
  });

  it('gives what it has, and the rest of its line is planned like any other', () =>
    expect(proposalIn(given(...PROPOSED, refused(1, holdHas(1))).when(PLAN))).toMatchObject({
      attempt: 2,
      held: [heldLine('a', 1)],
      allocations: [at('near', line('a', 2), B)],
    }));

  it('is forgotten when it is gone', () =>
    expect(proposalIn(given(...PROPOSED, refused(1, holdHas(0))).when(PLAN))).not.toHaveProperty(
      'held',
    ));

  it('counts all that it has, wherever that lies', () => {
    const spread = refused(1, holdHas(1, 'sku-a', 'hold-a', 'near'), holdHas(1, 'sku-a', 'hold-a'));
    expect(proposalIn(given(...PROPOSED, spread).when(PLAN))).toMatchObject({
      held: [heldLine('a', 2)],
    });
  });

  it('is shared by the lines of a SKU that name it', () => {
    const lines = [
      heldLine('a', 3, 'h', 'x'),
      heldLine('b', 3, 'h', 'x'),
      heldLine('c', 1, 'h', 'y'),
    ];
    const events = [started(...lines), asking(1, ...lines), refused(1, holdHas(4, 'x', 'h'))];
    expect(proposalIn(given(...events).when(PLAN))).toMatchObject({
      final: true,
      held: [heldLine('a', 3, 'h', 'x'), heldLine('b', 1, 'h', 'x'), heldLine('c', 1, 'h', 'y')],
      backorders: [line('b', 2, 'x')],
    });
  });

  it('does not matter for what was cancelled meanwhile', () => {
    const events = [...PROPOSED, cancelled('c1', { inFlight: [line('a', 2)] })];
    expect(proposalIn(given(...events, refused(1, holdHas(3))).when(PLAN))).toMatchObject({
      held: [heldLine('a', 1)],
    });
  });

  it('refuses even final attempts, and is named no more when that does not end', () => {
    const history: SourcingEvent[] = [started(A)];
    const asked: [final: boolean, held: boolean][] = [];
    for (let attempt = 1; attempt <= REFUSALS_WITH_HOLDS_MAX + 1; attempt += 1) {
      const { final, held } = proposalIn(given(...history).when(PLAN));
      asked.push([final, held !== undefined]);
      history.push(asking(attempt, A), refused(attempt, holdHas(3)));
    }
    expect(asked.map(([, held]) => held).lastIndexOf(true)).toBe(REFUSALS_WITH_HOLDS_MAX - 1);
    expect(asked.at(-1)).toEqual([true, false]);
    expect(asked.findIndex(([final]) => final)).toBe(REFUSALS_MAX);
  });
});

describe('a cancellation of held lines that are under way', () => {
  const PROPOSED = [started(A, B), proposed(1, [at('near', B)], { held: [A] })];

  it('of a part lets it go at the location of the hold', () => {
    const remembered = cancelled('c1', { inFlight: [line('a', 1)] });
    given(...PROPOSED)
      .when(cancel('c1', line('a', 1)))
      .thenEvents(remembered);
    given(...PROPOSED, remembered)
      .when(reserved(1, [at('far', line('a', 3)), at('near', B)]))
      .thenEvents(
        settled(1, [at('far', line('a', 2)), at('near', B)], [], {
          reservations: [{ ...line('a', 1), attempt: 1, locationId: 'far' }],
          backorders: [],
        }),
      );
  });

  it('of all closes the attempt, and a late answer is released', () => {
    const closed = cancelled('c1', {
      inFlight: [line('a', 3), B],
      closes: { attempt: 1, lines: [line('a', 3), B] },
    });
    given(...PROPOSED)
      .when(cancel('c1', line('a', 3), B))
      .thenEvents(closed);
    given(...PROPOSED, closed)
      .when(reserved(1, [at('far', line('a', 3)), at('near', B)]))
      .thenEvents({
        type: 'LateReservationReleased',
        data: {
          attempt: 1,
          reservations: [
            { ...line('a', 3), attempt: 1, locationId: 'far' },
            { ...B, attempt: 1, locationId: 'near' },
          ],
        },
      });
  });
});
