import {
  attachLabel,
  collected,
  handOver,
  line,
  pack,
  pick,
  recall,
  release,
} from '../fulfillment/domain/fulfillment.fixtures.js';
import { fulfillment } from '../fulfillment/domain/fulfillment.decider.js';
import type {
  Delivery,
  FulfillmentCommand,
  FulfillmentEvent,
} from '../fulfillment/domain/fulfillment.js';
import { histories } from '../fulfillment/histories.fixtures.js';
import { evolveView, type FulfillmentView } from './fulfillment-view.js';

const viewOf = (events: readonly FulfillmentEvent[]): FulfillmentView => {
  let view: FulfillmentView | undefined;
  for (const event of events)
    view = evolveView(view, { fulfillmentId: 'f-1', at: '2026-11-01T10:00:00.000Z', event });
  return view!;
};

/** The status after 2 units of `a` were released and these commands carried out. */
const statusAfter = (commands: readonly FulfillmentCommand[], delivery?: Delivery): string => {
  const events: FulfillmentEvent[] = [];
  let state = fulfillment.initialState;
  for (const command of [release([line('a', 2)], delivery), ...commands]) {
    const decision = fulfillment.decide(command, state);
    if (!decision.ok) throw new Error(decision.rejection.code);
    for (const event of decision.events) state = fulfillment.evolve(state, event);
    events.push(...decision.events);
  }
  return viewOf(events).status;
};

describe('the status of a fulfillment', () => {
  const pickAll = pick('s-1', ['a', 2]);
  const leave = [pickAll, pack('box-1'), attachLabel('box-1')];

  it.each<[string, readonly FulfillmentCommand[]]>([
    ['released', []],
    ['picking', [pick('s-1', ['a', 1])]],
    ['picking', [pick('s-1', ['a', 1]), pack('box-1'), attachLabel('box-1'), handOver('h-1')]],
    ['picked', [pickAll]],
    ['picked', [pickAll, pack('box-1', [['a', 1]])]],
    ['packed', [pickAll, pack('box-1')]],
    ['ready', leave],
    ['handed-over', [...leave, handOver('h-1')]],
    ['picked', [...leave, recall('r-1', line('a', 1))]],
    ['closed', [...leave, recall('r-1', line('a', 2))]],
  ])('is %s (%#)', (status, commands) => {
    expect(statusAfter(commands)).toBe(status);
  });

  it('is ready without a label where the customer collects', () =>
    expect(statusAfter([pickAll, pack('box-1')], collected)).toBe('ready'));
});

describe('the view of a fulfillment', () => {
  it('shows what the decider knows, whatever happened', () =>
    histories(({ state, events }) => {
      const view = viewOf(events);
      expect(view.lines).toEqual(
        [...state.lines.values()].map(({ released: quantity, ...progress }) => ({
          ...progress,
          quantity,
        })),
      );
      expect(
        view.packages.map(({ packageId, shipmentId, lines }) => ({ packageId, shipmentId, lines })),
      ).toEqual(
        [...state.packages]
          .filter(([, { state: now }]) => now !== 'reopened')
          .map(([packageId, { shipmentId, lines }]) => ({ packageId, shipmentId, lines })),
      );
    }));

  it('cannot begin in the middle', () =>
    expect(() => viewOf([{ type: 'PackageLabelled', data: attachLabel('box-1').data }])).toThrow(
      'Fulfillment f-1 starts with PackageLabelled',
    ));
});
