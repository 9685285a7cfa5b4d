import { fold } from '@throughline/kernel';
import fc from 'fast-check';
import { fulfillment } from './fulfillment.decider.js';
import type {
  Fulfillment,
  FulfillmentCommand,
  FulfillmentEvent,
  MovedLine,
} from './fulfillment.js';
import {
  acceptWork,
  attachLabel,
  handOver,
  line,
  pack,
  pick,
  recall,
  rejectWork,
  released,
  short,
} from './fulfillment.fixtures.js';

const LINES = ['a', 'b', 'c'] as const;
const lineId = fc.constantFrom(...LINES);
const quantity = fc.integer({ min: 1, max: 6 });
const works = fc.array(fc.tuple(lineId, quantity), { minLength: 1, maxLength: 3 });
const id = fc.integer({ min: 1, max: 8 }).map(String);

const command: fc.Arbitrary<FulfillmentCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(id, works).map(([scan, lines]) => pick(scan, ...lines)) },
  {
    weight: 1,
    arbitrary: fc.tuple(id, works).map(([scan, lines]) => short(scan, 'none', ...lines)),
  },
  { weight: 4, arbitrary: fc.tuple(id, fc.option(works)).map(([box, lines]) => pack(box, lines)) },
  { weight: 3, arbitrary: id.map(attachLabel) },
  { weight: 2, arbitrary: id.map((truck) => handOver(truck)) },
  { weight: 1, arbitrary: fc.constantFrom(rejectWork('no staff'), acceptWork) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, works)
      .map(([wish, lines]) => recall(wish, ...lines.map(([name, units]) => line(name, units)))),
  },
);

const start = fold(fulfillment, fulfillment.initialState, [
  released(LINES.map((name, index) => line(name, 4 + index * 3))),
]);

type History = {
  readonly state: Fulfillment;
  readonly events: readonly FulfillmentEvent[];
  readonly accepted: readonly FulfillmentCommand[];
};

const history = (commands: readonly FulfillmentCommand[]): History => {
  let state = start;
  const events: FulfillmentEvent[] = [];
  const accepted: FulfillmentCommand[] = [];
  for (const wanted of commands) {
    const decision = fulfillment.decide(wanted, state);
    if (!decision.ok) continue;
    accepted.push(wanted);
    events.push(...decision.events);
    state = fold(fulfillment, state, decision.events);
  }
  return { state, events, accepted };
};

const inPackages = ({ packages }: Fulfillment, states: readonly string[], wanted: string): number =>
  [...packages.values()]
    .filter(({ state }) => states.includes(state))
    .flatMap(({ lines }) => lines)
    .filter((packed) => packed.lineId === wanted)
    .reduce((sum, packed) => sum + packed.quantity, 0);

const movesOf = ({ type, data }: FulfillmentEvent): readonly MovedLine[] =>
  type === 'FulfillmentReleased' || type === 'WorkAccepted' || type === 'PackageLabelled'
    ? []
    : data.lines;

const histories = (check: (told: History) => void): void =>
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => check(history(commands))),
    { numRuns: 500 },
  );

describe('any history of one fulfillment', () => {
  it('keeps handed over <= packed <= picked <= active, on every line', () =>
    histories(({ state }) => {
      for (const {
        released: all,
        shorted,
        cancelled,
        picked,
        packed,
        handedOver,
      } of state.lines.values()) {
        expect(handedOver).toBeGreaterThanOrEqual(0);
        expect(packed).toBeGreaterThanOrEqual(handedOver);
        expect(picked).toBeGreaterThanOrEqual(packed);
        expect(all - shorted - cancelled).toBeGreaterThanOrEqual(picked);
      }
    }));

  it('has on its lines exactly what its packages contain', () =>
    histories(({ state }) => {
      for (const [name, { packed, handedOver }] of state.lines) {
        expect(inPackages(state, ['packed', 'handed-over'], name)).toBe(packed);
        expect(inPackages(state, ['handed-over'], name)).toBe(handedOver);
      }
    }));

  it('adds up: shorted, cancelled and handed over are the sums of what its events say', () =>
    histories(({ state, events }) => {
      const sumOf = (types: readonly string[], name: string): number =>
        events
          .filter(({ type }) => types.includes(type))
          .flatMap(movesOf)
          .filter(({ after }) => after.lineId === name)
          .reduce((sum, { quantity: units }) => sum + units, 0);
      for (const [name, { shorted, cancelled, handedOver }] of state.lines) {
        expect(sumOf(['ItemsShorted', 'WorkRejected'], name)).toBe(shorted);
        expect(sumOf(['LinesRecalled'], name)).toBe(cancelled);
        expect(sumOf(['GoodsHandedOver'], name)).toBe(handedOver);
      }
    }));

  it('answers every recall in full: granted + refused = wanted', () =>
    histories(({ events, accepted }) => {
      for (const event of events) {
        if (event.type !== 'LinesRecalled') continue;
        const { recallId, lines, refused } = event.data;
        const wish = accepted.find(
          ({ type, data }) => type === 'RecallLines' && data.recallId === recallId,
        ) as Extract<FulfillmentCommand, { type: 'RecallLines' }>;
        const total = (items: readonly { readonly quantity: number }[]): number =>
          items.reduce((sum, { quantity: units }) => sum + units, 0);
        expect(total(lines) + total(refused)).toBe(total(wish.data.lines));
      }
    }));

  it('is not changed by anything that is sent again, however late', () =>
    histories(({ state, accepted }) => {
      let again = state;
      for (const repeated of accepted) {
        // These two name no scan: sent again after other work, they are about that work.
        if (repeated.type === 'RejectWork' || repeated.type === 'AcceptWork') continue;
        const decision = fulfillment.decide(repeated, again);
        if (decision.ok) again = fold(fulfillment, again, decision.events);
        else expect(decision.rejection.code).toBe('package-reopened');
      }
      expect(again).toBe(state);
    }));
});
