import fc from 'fast-check';
import { handedOver, labelled, tracked } from '../shipment/domain/shipment.fixtures.js';
import { TRACKING_STATUSES, type ShipmentEvent } from '../shipment/domain/shipment.js';
import { evolveView, type ShipmentView } from './shipment-view.js';

type Stored = { readonly eventId: string; readonly event: ShipmentEvent };
const AT = '2026-11-01T10:00:00.000Z';

const viewOf = (events: readonly Stored[]): ShipmentView => {
  let view = evolveView(undefined, { eventId: 'stored-0', at: AT, event: labelled });
  for (const { eventId, event } of events) view = evolveView(view, { eventId, at: AT, event });
  return view;
};

const reports = fc
  .array(fc.tuple(fc.constantFrom(...TRACKING_STATUSES), fc.integer({ min: 8, max: 14 })), {
    maxLength: 8,
  })
  .map((events): readonly Stored[] => [
    { eventId: 'stored-1', event: handedOver(9) },
    ...events.map(([status, hour], index) => ({
      eventId: `stored-${index + 2}`,
      event: tracked(`e-${index}`, status, hour),
    })),
  ]);

describe('the view of a shipment', () => {
  it('does not show in which order reports came', () =>
    fc.assert(
      fc.property(
        reports.chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events], { minLength: events.length }),
          ),
        ),
        ([events, shuffled]) => expect(viewOf(shuffled)).toEqual(viewOf(events)),
      ),
    ));

  it('cannot begin in the middle', () =>
    expect(() =>
      evolveView(undefined, { eventId: 'stored-0', at: AT, event: handedOver(9) }),
    ).toThrow('A shipment cannot start with ShipmentHandedOver'));
});
