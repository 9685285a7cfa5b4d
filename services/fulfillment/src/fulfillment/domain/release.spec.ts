import { deciderSpec } from '@throughline/testing';
import { fulfillment } from './fulfillment.decider.js';
import {
  assignment,
  AT,
  handOver,
  later,
  line,
  moved,
  NOT_BEFORE,
  pick,
  recall,
  recalled,
  rejectWork,
  release,
  released,
  scheduled,
  shipped,
} from './fulfillment.fixtures.js';
import type { FulfillmentCommand, FulfillmentEvent } from './fulfillment.js';

const given = deciderSpec(fulfillment);
const due = (at: string): FulfillmentCommand => ({ type: 'ReleaseDue', data: { at } });
const ended = (...lines: readonly ReturnType<typeof moved>[]): FulfillmentEvent => ({
  type: 'ScheduleEnded',
  data: { ...assignment, lines },
});
const LINES = [line('a', 3), line('b', 1)];

describe('work that may not begin before its time', () => {
  it('is scheduled', () => given().when(release(LINES, later)).thenEvents(scheduled(LINES)));

  it.each([AT, '2020-01-01T00:00:00.000Z'])('is released at once where that is %s', (notBefore) => {
    const delivery = { ...shipped, notBefore };
    given().when(release(LINES, delivery)).thenEvents(released(LINES, delivery));
  });

  it('is left alone until then', () => {
    for (const work of [pick('scan-1', ['a', 1]), rejectWork('no staff'), handOver('van')])
      given(scheduled(LINES))
        .when(work)
        .thenRejected({ code: 'not-released-yet', notBefore: NOT_BEFORE });
    given(scheduled(LINES)).when(due('2026-11-20T07:59:59.999Z')).thenNothing();
  });

  it('is released when the time has come, and once', () => {
    const done = ended(moved('a', 3, { released: 3 }), moved('b', 1, { released: 1 }));
    given(scheduled(LINES)).when(due(NOT_BEFORE)).thenEvents(done);
    given(scheduled(LINES), done).when(due(NOT_BEFORE)).thenNothing();
    given(scheduled(LINES), done)
      .when(pick('scan-1', ['a', 1]))
      .thenEvents(expect.objectContaining({ type: 'ItemsPicked' }));
    given(released(LINES)).when(due(NOT_BEFORE)).thenNothing();
  });

  it('can be recalled before; what is left of it is released, if anything is', () => {
    const some = moved('a', 2, { released: 3, cancelled: 2 });
    const rest = moved('b', 1, { released: 1, cancelled: 1 });
    given(scheduled(LINES))
      .when(recall('wish-1', line('a', 2)))
      .thenEvents(recalled('wish-1', [some]));
    given(scheduled(LINES), recalled('wish-1', [some, rest]))
      .when(due(NOT_BEFORE))
      .thenEvents(ended(moved('a', 1, { released: 3, cancelled: 2 })));
    given(scheduled([line('b', 1)]), recalled('wish-1', [rest]))
      .when(due(NOT_BEFORE))
      .thenNothing();
  });

  it('does nothing when it is told once more', () =>
    given(scheduled(LINES)).when(release(LINES, later)).thenNothing());
});
