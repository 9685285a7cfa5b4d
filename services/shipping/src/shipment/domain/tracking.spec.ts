import { run } from '@throughline/testing';
import fc from 'fast-check';
import { shipment } from './shipment.decider.js';
import { at, labelled, track } from './shipment.fixtures.js';
import {
  TRACKING_STATUSES,
  type Milestone,
  type Shipment,
  type ShipmentCommand,
  type ShipmentEvent,
} from './shipment.js';
import { furtherOf } from './tracking.js';

const hour = fc.integer({ min: 8, max: 14 });

/** What a carrier reports of one parcel, each with an id of its own, and the hand-over by the location. */
const reports: fc.Arbitrary<readonly ShipmentCommand[]> = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...TRACKING_STATUSES), hour), { maxLength: 8 }), hour)
  .map(([events, handOverHour]) => [
    ...events.map(([status, when], index) => track(`e-${index}`, status, when)),
    { type: 'HandOver', data: { at: at(handOverHour) } },
  ]);

/** The same reports in another order, some of them more than once. */
const disturbed = reports.chain((commands) =>
  fc.tuple(
    fc.constant(commands),
    fc
      .array(fc.constantFrom(...commands), { maxLength: 6 })
      .chain((again) =>
        fc.shuffledSubarray([...commands, ...again], { minLength: commands.length + again.length }),
      ),
  ),
);

const after = (commands: readonly ShipmentCommand[]): Shipment =>
  run(shipment, [labelled], commands);

const eventsOf = (commands: readonly ShipmentCommand[]): readonly ShipmentEvent[] => {
  let state = after([]);
  return commands.flatMap((command) => {
    const decision = shipment.decide(command, state);
    if (!decision.ok) return [];
    for (const event of decision.events) state = shipment.evolve(state, event);
    return decision.events;
  });
};

describe('tracking events in any order, some of them twice', () => {
  it('end at the same status, at the same time', () =>
    fc.assert(
      fc.property(disturbed, ([commands, others]) => {
        expect(after(others).standing).toEqual(after(commands).standing);
        expect(after(others).tracked.size).toBe(after(commands).tracked.size);
      }),
      { numRuns: 500 },
    ));

  it('tell no milestone before the hand-over, and none out of the order of their times then', () =>
    fc.assert(
      fc.property(disturbed, ([, commands]) => {
        const before = commands.slice(
          0,
          commands.findIndex(({ type }) => type === 'HandOver'),
        );
        expect(eventsOf(before).filter(({ type }) => type === 'MilestoneReached')).toEqual([]);
        expect(after(before).standing.status).toBe('labelled');
        const handOver = commands[before.length]!;
        const decision = shipment.decide(handOver, after(before));
        const times = (decision.ok ? decision.events : []).flatMap((event) =>
          event.type === 'MilestoneReached' ? [event.data.at] : [],
        );
        expect(times.length).toBeGreaterThan(0);
        expect(times).toEqual([...times].sort());
      }),
      { numRuns: 500 },
    ));

  it('tell each milestone at most once, in transit before every other, and the status last', () =>
    fc.assert(
      fc.property(disturbed, ([, commands]) => {
        const told: Milestone[] = eventsOf(commands).flatMap((event) =>
          event.type === 'MilestoneReached' ? [event.data.milestone] : [],
        );
        expect(new Set(told).size).toBe(told.length);
        expect(told[0]).toBe('in-transit');
        const { status } = after(commands).standing;
        const isTerminal = ['lost', 'delivered', 'returned-to-origin'].includes(status);
        if (isTerminal) expect(told.at(-1)).toBe(status);
      }),
      { numRuns: 500 },
    ));
});

describe('where a parcel stands', () => {
  it('is decided by rank first', () =>
    expect(
      furtherOf({ status: 'delivered', at: at(9) }, { status: 'in-transit', at: at(12) }),
    ).toEqual({ status: 'delivered', at: at(9) }));

  it('then by time', () =>
    expect(
      furtherOf(
        { status: 'delivery-failed', at: at(9) },
        { status: 'out-for-delivery', at: at(12) },
      ),
    ).toEqual({ status: 'out-for-delivery', at: at(12) }));

  it('then by the usual order of events', () =>
    expect(
      furtherOf(
        { status: 'delivery-failed', at: at(9) },
        { status: 'out-for-delivery', at: at(9) },
      ),
    ).toEqual({ status: 'delivery-failed', at: at(9) }));
});
