import { isOpenAt, turnsAfter } from './location-times.js';

const [FROM, TO] = ['2026-11-27T08:00:00.000Z', '2026-12-24T20:00:00.000Z'];
const [BEFORE, DURING] = ['2026-11-27T07:59:59.999Z', '2026-12-24T19:59:59.999Z'];

describe('the time of a location', () => {
  it.each([
    [BEFORE, false, FROM],
    [FROM, true, TO],
    [DURING, true, TO],
    [TO, false, null],
  ])('at %s', (at, isOpen, turns) => {
    const location = { active: true, activeFrom: FROM, activeTo: TO };
    expect([isOpenAt(location, at), turnsAfter(location, at)]).toEqual([isOpen, turns]);
    const off = { ...location, active: false };
    expect([isOpenAt(off, at), turnsAfter(off, at)]).toEqual([false, null]);
  });

  it('has no end, or no beginning, where none is stated', () => {
    const always = { active: true };
    expect([isOpenAt(always, FROM), turnsAfter(always, FROM)]).toEqual([true, null]);
    const begins = { active: true, activeFrom: FROM, activeTo: null };
    expect([isOpenAt(begins, TO), turnsAfter(begins, BEFORE)]).toEqual([true, FROM]);
    const ends = { active: true, activeTo: TO };
    expect([isOpenAt(ends, BEFORE), turnsAfter(ends, BEFORE)]).toEqual([true, TO]);
  });
});
