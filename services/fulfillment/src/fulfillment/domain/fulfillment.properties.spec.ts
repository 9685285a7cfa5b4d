import { fold } from '@throughline/kernel';
import { histories } from '../histories.fixtures.js';
import { fulfillment } from './fulfillment.decider.js';
import type {
  Fulfillment,
  FulfillmentCommand,
  FulfillmentEvent,
  MovedLine,
} from './fulfillment.js';

const movesOf = ({ type, data }: FulfillmentEvent): readonly MovedLine[] =>
  type === 'FulfillmentReleased' ||
  type === 'FulfillmentScheduled' ||
  type === 'WorkAccepted' ||
  type === 'PackageLabelled'
    ? []
    : data.lines;

const inPackages = ({ packages }: Fulfillment, states: readonly string[], wanted: string): number =>
  [...packages.values()]
    .filter(({ state }) => states.includes(state))
    .flatMap(({ lines }) => lines)
    .filter((packed) => packed.lineId === wanted)
    .reduce((sum, packed) => sum + packed.quantity, 0);

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
