import { fold } from '@throughline/kernel';
import fc from 'fast-check';
import { fulfillment } from './domain/fulfillment.decider.js';
import type { Fulfillment, FulfillmentCommand, FulfillmentEvent } from './domain/fulfillment.js';
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
} from './domain/fulfillment.fixtures.js';

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

const start = released(LINES.map((name, index) => line(name, 4 + index * 3)));

/** What commands came to: the state, what happened, and which of them were not refused. */
type History = {
  readonly state: Fulfillment;
  readonly events: readonly FulfillmentEvent[];
  readonly accepted: readonly FulfillmentCommand[];
};

const historyOf = (commands: readonly FulfillmentCommand[]): History => {
  const events: FulfillmentEvent[] = [start];
  let state = fold(fulfillment, fulfillment.initialState, events);
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

/** Checks something of 500 generated histories of one fulfillment. */
export const histories = (check: (told: History) => void): void =>
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => check(historyOf(commands))),
    { numRuns: 500 },
  );
