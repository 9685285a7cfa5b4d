import { deciderSpec, run } from '@throughline/testing';
import { sourcing } from './sourcing.decider.js';
import { at, line, proposed, reserved, settled, started, waits } from './sourcing.fixtures.js';
import type { Backordered, SourcingCommand, SourcingEvent } from './sourcing.js';

const given = deciderSpec(sourcing);

const SOON = '2026-12-01T00:00:00.000Z';
const LATER = '2026-12-08T00:00:00.000Z';
const WAITING = [
  started(line('a', 2), line('b', 1)),
  proposed(1, [], { backorders: [line('a', 2), line('b', 1)] }),
  settled(1, [], [waits('a', 2, SOON), waits('b', 1)]),
];
const move = (inventoryRevision: number, ...lines: Backordered[]): SourcingCommand => ({
  type: 'MovePromises',
  data: { lines, inventoryRevision },
});
const moved = (inventoryRevision: number, ...lines: Backordered[]): SourcingEvent => ({
  type: 'PromisesMoved',
  data: { lines, inventoryRevision },
});

describe('supply that moves', () => {
  it('moves the promises of what waits, and of that alone', () => {
    given(...WAITING)
      .when(move(1, waits('a', 2, LATER), waits('b', 1), waits('z', 9, LATER)))
      .thenEvents(moved(1, waits('a', 2, LATER)));
    const state = run(sourcing, [...WAITING, moved(1, waits('a', 2, LATER))], []);
    expect(state.waiting).toEqual([waits('a', 2, LATER), waits('b', 1)]);
  });

  it('changes nothing where the date is the one that was told', () => {
    given(...WAITING)
      .when(move(1, waits('a', 2, SOON), waits('b', 1)))
      .thenNothing();
    given()
      .when(move(1, waits('a', 2, SOON)))
      .thenNothing();
  });

  it('may leave nobody knowing', () =>
    given(...WAITING)
      .when(move(1, waits('a', 2)))
      .thenEvents(moved(1, waits('a', 2))));

  it('is told with the quantity that waits, whatever inventory counted', () =>
    given(...WAITING)
      .when(move(1, waits('b', 5, LATER)))
      .thenEvents(moved(1, waits('b', 1, LATER))));

  it('is overtaken by what inventory says with its next answer', () => {
    const taking = proposed(2, [at('far', line('a', 1))], { offerId: 'o1', final: true });
    given(...WAITING, moved(1, waits('a', 2, LATER)), taking)
      .when(reserved(2, [at('far', line('a', 1))], [waits('a', 1), waits('b', 1, SOON)]))
      .thenEvents(settled(2, [at('far', line('a', 1))], [waits('a', 1), waits('b', 1, SOON)]));
  });

  it('is not told by old news that come again, of which nothing was recorded', () => {
    given(...WAITING, moved(3, waits('a', 2, LATER)))
      .when(move(2, waits('a', 2, SOON)))
      .thenNothing();
    const { type, data } = settled(2, [], [waits('a', 2), waits('b', 1)]);
    const answered = { type, data: { ...data, inventoryRevision: 5 } } as SourcingEvent;
    given(...WAITING, proposed(2, [], { offerId: 'o1' }), answered)
      .when(move(4, waits('a', 2, SOON)))
      .thenNothing();
  });
});
