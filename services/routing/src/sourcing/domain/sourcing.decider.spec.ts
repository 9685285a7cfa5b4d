import { derivedId } from '@throughline/kernel';
import { deciderSpec, run } from '@throughline/testing';
import { needsPlan } from './attempt.js';
import { sourcing } from './sourcing.decider.js';
import {
  at,
  cancel,
  cancelled,
  line,
  location,
  ORDER,
  ORDER_ID,
  pickupAt,
  picture,
  placeAt,
  proposed,
  reserved,
  settled,
  start,
  started,
  stock,
  waits,
} from './sourcing.fixtures.js';
import type { SourcingCommand, SourcingEvent } from './sourcing.js';

const given = deciderSpec(sourcing);

const A = line('a', 2);
const B = line('b', 1);
const NEAR = location('near', 1);
const FAR = location('far', 2);
const SEEN = picture(
  [NEAR, FAR],
  [stock('near', 'sku-a', 5), stock('far', 'sku-a', 5), stock('far', 'sku-b', 5)],
);
const NOTHING_SEEN = picture([NEAR, FAR], []);
const plan = (seen = SEEN): SourcingCommand => ({ type: 'PlanAttempt', data: { picture: seen } });

/** The proposal in a decision, without its explanation. */
const proposalIn = (
  { decision }: { decision: ReturnType<typeof sourcing.decide> },
  nth = 0,
): object | undefined => {
  if (!decision.ok) throw new Error('Sourcing refuses nothing');
  const proposals = decision.events.filter(({ type }) => type === 'SourcingProposed');
  return proposals[nth]?.data;
};

describe('an approved order', () => {
  it('is proposed at once, with a plan that explains itself', () => {
    const when = given().when(start([A, B], SEEN));
    expect(when.decision).toMatchObject({
      events: [
        { type: 'SourcingStarted', data: { ...ORDER, lines: [A, B] } },
        {
          type: 'SourcingProposed',
          data: {
            attempt: 1,
            final: false,
            priority: 0,
            acceptedAt: ORDER.acceptedAt,
            onlyLocationId: null,
            offerId: null,
            allocations: [at('far', A, B)],
            backorders: [],
            explanation: { method: 'exact', candidates: [{}, { chosen: true }] },
          },
        },
      ],
    });
  });

  it('is not sourced again when it is approved twice', () =>
    given(started(A))
      .when(start([A], SEEN))
      .thenNothing());

  it('is proposed as final when something must wait anyway', () =>
    expect(proposalIn(given().when(start([A, line('c', 1)], SEEN)))).toMatchObject({
      final: true,
      allocations: [at('near', A)],
      backorders: [line('c', 1)],
    }));

  it('waits as a whole where there is nothing at all', () =>
    expect(proposalIn(given().when(start([A], picture([], []))))).toMatchObject({
      final: true,
      allocations: [],
      backorders: [A],
    }));
});

describe('goods that one location hands over', () => {
  const pickup = (locationId: string | null, seen = SEEN) =>
    given().when(start([A], seen, { delivery: pickupAt(locationId) }));
  const failed = (reason: string) => ({ type: 'SourcingFailed', data: { attempt: 1, reason } });

  it('come from there alone, however near another one is', () =>
    expect(proposalIn(pickup('far'))).toMatchObject({
      onlyLocationId: 'far',
      allocations: [at('far', A)],
    }));

  it('wait there when they are not there now', () =>
    expect(proposalIn(pickup('far', NOTHING_SEEN))).toMatchObject({
      final: true,
      allocations: [],
      backorders: [A],
    }));

  it('cannot be sourced without a location, or at one that is not known or not active', () => {
    const closed = picture([location('far', 2, false)], []);
    expect(pickup(null).decision).toMatchObject({ events: [{}, failed('no-location')] });
    expect(pickup('moon').decision).toMatchObject({ events: [{}, failed('unknown-location')] });
    expect(pickup('far', closed).decision).toMatchObject({
      events: [{}, failed('inactive-location')],
    });
  });

  const begun: SourcingEvent = {
    type: 'SourcingStarted',
    data: { ...ORDER, delivery: pickupAt('far'), lines: [A] },
  };
  const unknown: SourcingEvent = {
    type: 'SourcingFailed',
    data: { attempt: 1, reason: 'unknown-location' },
  };

  it('are sourced once the location is there, and fail only once until then', () => {
    given(begun, unknown)
      .when(plan(picture([NEAR], [])))
      .thenNothing();
    expect(proposalIn(given(begun, unknown).when(plan()))).toMatchObject({
      attempt: 1,
      allocations: [at('far', A)],
    });
  });

  it('need a person when that location refuses the order', () => {
    const rejected: SourcingEvent = {
      type: 'LinesReturned',
      data: { ...placeAt(1, 'far'), reason: 'rejected', lines: [A] },
    };
    given(begun, proposed(1, [at('far', A)]), settled(1, [at('far', A)]), rejected)
      .when(plan())
      .thenEvents({
        type: 'SourcingFailed',
        data: { attempt: 2, reason: 'rejected-by-location' },
      });
  });

  it('are no failure any more when what was open is cancelled', () => {
    const events: SourcingEvent[] = [begun, unknown, cancelled('c1', { open: [A] })];
    given(...events)
      .when(plan())
      .thenNothing();
    expect(run(sourcing, events, []).failure).toBeNull();
  });
});

describe("inventory's answer", () => {
  const PROPOSED = [started(A, B), proposed(1, [at('far', A, B)])] as const;

  it('turns reservations into work', () =>
    given(...PROPOSED)
      .when(reserved(1, [at('far', A, B)]))
      .thenEvents(settled(1, [at('far', A, B)])));

  it('counts what was not reserved as waiting, with the date that inventory gave', () =>
    given(...PROPOSED)
      .when(reserved(1, [at('far', line('a', 1))], [waits('a', 1, '2026-12-01T00:00:00Z')]))
      .thenEvents(
        settled(
          1,
          [at('far', line('a', 1))],
          [waits('a', 1, '2026-12-01T00:00:00Z'), waits('b', 1)],
        ),
      ));

  it('is heard once', () =>
    given(...PROPOSED, settled(1, [at('far', A, B)]))
      .when(reserved(1, [at('far', A, B)]))
      .thenNothing());

  const refuse = (attempt: number, available: number): SourcingCommand => ({
    type: 'RefuseAttempt',
    data: { attempt, shortages: [stock('far', 'sku-b', available)] },
  });
  const refused = (attempt: number, available = 0): SourcingEvent => ({
    type: 'AttemptRefused',
    data: { attempt, shortages: [stock('far', 'sku-b', available)] },
  });

  it('that it has less makes everything open again', () => {
    given(...PROPOSED)
      .when(refuse(1, 0))
      .thenEvents(refused(1));
    const state = run(sourcing, [...PROPOSED, refused(1)], []);
    expect(state.open).toEqual([A, B]);
    expect(needsPlan(state)).toBe(true);
  });

  it('that it has less is believed against the picture', () =>
    expect(proposalIn(given(...PROPOSED, refused(1)).when(plan()))).toMatchObject({
      attempt: 2,
      final: true,
      allocations: [at('near', A)],
      backorders: [B],
    }));

  it('to an older attempt than the one under way changes nothing', () => {
    given(...PROPOSED, refused(1), proposed(2, [at('near', A)]))
      .when(refuse(1, 0))
      .thenNothing();
    given(...PROPOSED, refused(1), proposed(2, [at('near', A)]))
      .when(reserved(1, [at('far', A, B)]))
      .thenNothing();
  });

  it('is asked for all or nothing three times, and then for what is there', () => {
    const history: SourcingEvent[] = [started(A)];
    const finals = [1, 2, 3, 4].map((attempt) => {
      const { final } = proposalIn(given(...history).when(plan())) as { final: boolean };
      history.push(proposed(attempt, [at('near', A)]), refused(attempt, attempt));
      return final;
    });
    expect(finals).toEqual([false, false, false, true]);
  });

  it('ends the round: the next one starts with the picture alone', () => {
    const events = [...PROPOSED, refused(1), proposed(2, [at('far', A, B)]), settled(2, [])];
    expect(run(sourcing, events, [])).toMatchObject({ refusals: 0, known: [], inFlight: null });
  });

  it('is awaited: nothing is planned beside an attempt that is under way', () =>
    given(...PROPOSED)
      .when(plan())
      .thenNothing());
});

describe('stock on offer', () => {
  const offer = (quantity: number, offerId = 'o1'): SourcingCommand => ({
    type: 'TakeOffer',
    data: { offerId, locationId: 'far', lines: [line('a', quantity)] },
  });
  const offered = (quantity: number, offerId = 'o1'): SourcingEvent => ({
    type: 'StockOffered',
    data: { offerId, locationId: 'far', lines: [line('a', quantity)] },
  });
  const taken = (attempt: number, quantity: number, offerId = 'o1'): SourcingEvent =>
    proposed(attempt, [at('far', line('a', quantity))], {
      offerId,
      final: true,
      explanation: null,
    });
  const WAITING = [
    started(A),
    proposed(1, [], { backorders: [A] }),
    settled(1, [], [waits('a', 2)]),
  ];

  it('is taken for what waits', () =>
    given(...WAITING)
      .when(offer(2))
      .thenEvents(offered(2), taken(2, 2)));

  it('is taken only as far as it is needed', () =>
    given(...WAITING)
      .when(offer(5))
      .thenEvents(offered(5), taken(2, 2)));

  it('is remembered while an attempt is under way, and taken when that settles', () => {
    const underWay = [...WAITING, offered(1), taken(2, 1)];
    given(...underWay)
      .when(offer(1, 'o2'))
      .thenEvents(offered(1, 'o2'));
    given(...underWay, offered(1, 'o2'))
      .when(reserved(2, [at('far', line('a', 1))]))
      .thenEvents(settled(2, [at('far', line('a', 1))], [waits('a', 1)]), taken(3, 1, 'o2'));
  });

  it('is declined when nothing waits for it any more', () =>
    given(...WAITING, cancelled('c1', { waiting: [A] }))
      .when(offer(2))
      .thenEvents(offered(2), {
        type: 'OfferDeclined',
        data: { offerId: 'o1', backorders: [A] },
      }));

  it('is not taken from a location that rejected the goods: they are looked at with the rest', () => {
    const rejected: SourcingEvent = {
      type: 'LinesReturned',
      data: { ...placeAt(1, 'far'), reason: 'rejected', lines: [A] },
    };
    given(
      started(A),
      proposed(1, [at('far', A)]),
      settled(1, [at('far', A)]),
      rejected,
      proposed(2, [], { backorders: [A] }),
      settled(2, [], [waits('a', 2)]),
    )
      .when(offer(2))
      .thenEvents(offered(2), {
        type: 'BackordersReopened',
        data: {
          offerId: 'o1',
          lines: [A],
          stock: [{ sku: 'sku-a', locationId: 'far', available: 2 }],
        },
      });
  });

  it('means nothing to an order that nobody approved', () => given().when(offer(2)).thenNothing());
});

describe('goods that come back from a location', () => {
  const WORK = [started(A), proposed(1, [at('near', A)]), settled(1, [at('near', A)])] as const;
  const back = (reason: 'short' | 'rejected', quantity: number): SourcingCommand => ({
    type: 'ReturnLines',
    data: {
      reason,
      fulfillmentId: placeAt(1, 'near').fulfillmentId,
      lines: [line('a', quantity)],
    },
  });
  const returned = (reason: 'short' | 'rejected', quantity: number): SourcingEvent => ({
    type: 'LinesReturned',
    data: { ...placeAt(1, 'near'), reason, lines: [line('a', quantity)] },
  });

  it('are open again, and are not looked for there', () => {
    given(...WORK)
      .when(back('short', 1))
      .thenEvents(returned('short', 1));
    expect(proposalIn(given(...WORK, returned('short', 1)).when(plan()))).toMatchObject({
      attempt: 2,
      allocations: [at('far', line('a', 1))],
    });
  });

  it('are not asked of a location that refused the order', () =>
    expect(proposalIn(given(...WORK, returned('rejected', 2)).when(plan()))).toMatchObject({
      allocations: [at('far', A)],
    }));

  it('are no more than what the location had', () => {
    given(...WORK)
      .when(back('short', 9))
      .thenEvents(returned('short', 2));
    given(...WORK, returned('short', 2))
      .when(back('short', 1))
      .thenNothing();
  });

  it('wait for the attempt under way', () => {
    const state = run(
      sourcing,
      [...WORK, returned('short', 1), proposed(2, [at('far', line('a', 1))])],
      [back('rejected', 1)],
    );
    expect(needsPlan(state)).toBe(false);
    expect(needsPlan(run(sourcing, [], []))).toBe(false);
    const after = [reserved(2, [at('far', line('a', 1))])];
    const settledState = run(
      sourcing,
      [
        ...WORK,
        returned('short', 1),
        proposed(2, [at('far', line('a', 1))]),
        returned('rejected', 1),
      ],
      after,
    );
    expect(settledState.open).toEqual([line('a', 1)]);
    expect(needsPlan(settledState)).toBe(true);
  });

  const revoke = (attempt: number, quantity: number): SourcingCommand => ({
    type: 'RevokeReservation',
    data: { attempt, locationId: 'near', lines: [line('a', quantity)] },
  });
  const recallId = derivedId(ORDER_ID, 'revoked', placeAt(1, 'near').fulfillmentId, 0);
  const revoked: SourcingEvent = {
    type: 'ReservationRevoked',
    data: { ...placeAt(1, 'near'), recallId, lines: [line('a', 1)] },
  };
  const answer = (granted: number, refused: number): SourcingCommand => ({
    type: 'AnswerRecall',
    data: {
      recallId,
      lines: granted > 0 ? [line('a', granted)] : [],
      refused: refused > 0 ? [line('a', refused)] : [],
    },
  });

  it('are asked for when their reservation is revoked, and sourced again when given', () => {
    given(...WORK)
      .when(revoke(1, 1))
      .thenEvents(revoked);
    given(...WORK, revoked)
      .when(answer(1, 0))
      .thenEvents({
        type: 'RecallAnswered',
        data: {
          ...placeAt(1, 'near'),
          recallId,
          reason: 'revoked',
          lines: [line('a', 1)],
          refused: [],
        },
      });
    expect(run(sourcing, [...WORK, revoked], [answer(1, 0)]).open).toEqual([line('a', 1)]);
    expect(run(sourcing, [...WORK, revoked], [answer(0, 1)]).open).toEqual([]);
  });

  it('are not asked for where nothing is left of them', () => {
    given(...WORK)
      .when(revoke(7, 1))
      .thenNothing();
    given(...WORK, returned('short', 2))
      .when(revoke(1, 1))
      .thenNothing();
    given().when(revoke(1, 1)).thenNothing();
  });

  it('are given back once', () =>
    given(...WORK)
      .when(answer(1, 0))
      .thenNothing());
});

describe('a cancellation', () => {
  const recall = (
    attempt: number,
    locationId: string,
    quantity: number,
    cancellationId = 'c1',
  ) => ({
    ...placeAt(attempt, locationId),
    recallId: derivedId(cancellationId, placeAt(attempt, locationId).fulfillmentId),
    lines: [line('a', quantity)],
  });
  const WAITING = [
    started(A),
    proposed(1, [], { backorders: [A] }),
    settled(1, [], [waits('a', 2)]),
  ];

  it('takes what waits in the queue', () =>
    given(...WAITING)
      .when(cancel('c1', line('a', 1)))
      .thenEvents(cancelled('c1', { waiting: [line('a', 1)] })));

  it('of a part of what is under way is remembered until inventory answers', () => {
    const underWay = [started(A, B), proposed(1, [at('far', A, B)])];
    const remembered = cancelled('c1', { inFlight: [line('a', 1)] });
    given(...underWay)
      .when(cancel('c1', line('a', 1)))
      .thenEvents(remembered);
    given(...underWay, remembered)
      .when(reserved(1, [at('far', A, B)]))
      .thenEvents(
        settled(1, [at('far', line('a', 1), B)], [], {
          reservations: [{ ...line('a', 1), attempt: 1, locationId: 'far' }],
          backorders: [],
        }),
      );
  });

  it('takes queue places before reservations, and reservations from the last location first', () => {
    const wanted = line('a', 5);
    const underWay = [
      started(wanted),
      proposed(1, [at('near', line('a', 2)), at('far', line('a', 2))], {
        backorders: [line('a', 1)],
      }),
      cancelled('c1', { inFlight: [line('a', 2)] }),
    ];
    given(...underWay)
      .when(reserved(1, [at('near', line('a', 2)), at('far', line('a', 2))], [waits('a', 1)]))
      .thenEvents(
        settled(1, [at('near', line('a', 2)), at('far', line('a', 1))], [], {
          reservations: [{ ...line('a', 1), attempt: 1, locationId: 'far' }],
          backorders: [line('a', 1)],
        }),
      );
  });

  it('is not sourced again when inventory refuses', () => {
    const state = run(
      sourcing,
      [
        started(A, B),
        proposed(1, [at('far', A, B)]),
        cancelled('c1', { inFlight: [line('a', 1)] }),
      ],
      [{ type: 'RefuseAttempt', data: { attempt: 1, shortages: [] } }],
    );
    expect(state.open).toEqual([line('a', 1), B]);
  });

  it('of all that is under way closes the attempt, and a late answer is released', () => {
    const underWay = [started(A), proposed(1, [at('near', A)])];
    const closed = cancelled('c1', { inFlight: [A], closes: { attempt: 1, lines: [A] } });
    given(...underWay)
      .when(cancel('c1', A))
      .thenEvents(closed);
    const late = {
      type: 'LateReservationReleased' as const,
      data: { attempt: 1, reservations: [{ ...A, attempt: 1, locationId: 'near' }] },
    };
    given(...underWay, closed)
      .when(reserved(1, [at('near', A)]))
      .thenEvents(late);
    given(...underWay, closed, late)
      .when(reserved(1, [at('near', A)]))
      .thenNothing();
    given(...underWay, closed)
      .when(reserved(1, [], [waits('a', 2)]))
      .thenNothing();
  });

  it('takes what is open and has no place yet', () =>
    given(started(A), proposed(1, [at('near', A)]), settled(1, [at('near', A)]), {
      type: 'LinesReturned',
      data: { ...placeAt(1, 'near'), reason: 'short', lines: [A] },
    })
      .when(cancel('c1', A))
      .thenEvents(cancelled('c1', { open: [A] })));

  const split = [
    started(line('a', 4)),
    proposed(1, [at('near', line('a', 2)), at('far', line('a', 2))]),
    settled(1, [at('near', line('a', 2)), at('far', line('a', 2))]),
  ];

  it('asks locations for what they have, the newest work first', () => {
    given(...split)
      .when(cancel('c1', line('a', 3)))
      .thenEvents(cancelled('c1', { recalls: [recall(1, 'far', 2), recall(1, 'near', 1)] }));
  });

  it('asks first where it was neither handed over nor asked for already', () => {
    const gone: SourcingEvent = {
      type: 'GoodsHandedOver',
      data: { fulfillmentId: placeAt(1, 'far').fulfillmentId, lines: [line('a', 2)] },
    };
    const asked = cancelled('c1', { recalls: [recall(1, 'near', 1)] });
    given(...split, gone)
      .when(cancel('c1', line('a', 1)))
      .thenEvents(asked);
    given(...split, gone, asked)
      .when(cancel('c2', line('a', 2)))
      .thenEvents(
        cancelled('c2', { recalls: [recall(1, 'far', 1, 'c2'), recall(1, 'near', 1, 'c2')] }),
      );
  });

  it('is answered by the locations that it asked', () => {
    const asked = cancelled('c1', { recalls: [recall(1, 'far', 2)] });
    const answer: SourcingCommand = {
      type: 'AnswerRecall',
      data: {
        recallId: recall(1, 'far', 2).recallId,
        lines: [line('a', 1)],
        refused: [line('a', 1)],
      },
    };
    given(...split, asked)
      .when(answer)
      .thenEvents({
        type: 'RecallAnswered',
        data: {
          ...recall(1, 'far', 1),
          reason: 'cancelled',
          refused: [line('a', 1)],
        },
      });
    const state = run(sourcing, [...split, asked], [answer]);
    expect(state.open).toEqual([]);
    expect(state.recalls.size).toBe(0);
    expect([...state.work.values()].map(({ lines }) => lines)).toEqual([
      [line('a', 2)],
      [line('a', 1)],
    ]);
  });

  it('before approval cannot be', () => given().when(cancel('c1', A)).thenNothing());
});

describe('a hand-over', () => {
  const handOver: SourcingCommand = {
    type: 'RecordHandOver',
    data: { fulfillmentId: placeAt(1, 'near').fulfillmentId, lines: [line('a', 1)] },
  };

  it('matters only where another location has the same line', () => {
    given(started(A), proposed(1, [at('near', A)]), settled(1, [at('near', A)]))
      .when(handOver)
      .thenNothing();
    given(
      started(A),
      proposed(1, []),
      settled(1, [at('near', line('a', 1)), at('far', line('a', 1))]),
    )
      .when(handOver)
      .thenEvents({ type: 'GoodsHandedOver', data: handOver.data as never });
  });
});
