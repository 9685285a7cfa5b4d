import { deciderSpec } from '@throughline/testing';
import { derivedId } from '@throughline/kernel';
import {
  address,
  approved,
  authorized,
  held,
  LATER,
  ORDER_ID,
  placed,
  placedOrder,
  released,
} from './order.fixtures.js';
import { order } from './order.decider.js';
import type { OrderCommand, OrderEvent } from './order.js';

const given = deciderSpec(order);
const MAPPING_HOLD = derivedId(ORDER_ID, 'hold', 'mapping');
const ADDRESS_HOLD = derivedId(ORDER_ID, 'hold', 'address');

const drone = { ...placedOrder().fulfillment, service: 'drone' };
const unknown = [
  placed([['1', 5]], { fulfillment: drone }),
  held(MAPPING_HOLD, 'mapping', 'fulfillment.service drone is none of them'),
  authorized,
];
const edit = (data: object): OrderCommand => ({ type: 'EditOrder', data: { at: LATER, ...data } });
const release: OrderCommand = {
  type: 'ReleaseHold',
  data: { holdId: MAPPING_HOLD, reason: 'checked', at: LATER },
};
const changedTo = (service: string): OrderEvent => ({
  type: 'DeliveryChanged',
  data: { fulfillment: { ...drone, service }, shipTo: address, at: LATER },
});
const approvedBy = (service: string): OrderEvent => {
  const { type, data } = approved(['1', 5]) as Extract<OrderEvent, { type: 'OrderApproved' }>;
  return { type, data: { ...data, delivery: { ...data.delivery, service } } };
};

describe('a service that is not known', () => {
  it('gives way to standard when a person releases its hold', () =>
    given(...unknown)
      .when(release)
      .thenEvents(changedTo('standard'), released(MAPPING_HOLD), approvedBy('standard')));

  it('gives way to the one that a person names', () =>
    given(...unknown)
      .when(edit({ service: 'express' }))
      .thenEvents(
        changedTo('express'),
        released(MAPPING_HOLD, 'service', 'The service was changed'),
        approvedBy('express'),
      ));

  it('that was named already is not taken back by a release', () =>
    given(
      ...unknown.slice(0, 2),
      held('hold-2', 'manual', 'wait'),
      changedTo('express'),
      released(MAPPING_HOLD, 'service', 'The service was changed'),
    )
      .when(release)
      .thenNothing());

  it('of a hold that a person placed is left as it is', () =>
    given(placed([['1', 5]], { fulfillment: drone }), held('hold-2', 'mapping', 'odd'))
      .when({ type: 'ReleaseHold', data: { holdId: 'hold-2', reason: 'checked', at: LATER } })
      .thenEvents(released('hold-2')));
});

describe('an edit', () => {
  const shipTo = {
    personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
    city: 'London',
    postalCode: '12345',
    country: 'GB',
  };

  it('may change the service and the address at once', () =>
    given(placed(), held(ADDRESS_HOLD, 'address', 'shipTo.country is missing'))
      .when(edit({ service: 'express', shipTo: { ...shipTo, postalCode: 'SW1Y 4JH' } }))
      .thenEvents(
        {
          type: 'DeliveryChanged',
          data: {
            fulfillment: { ...placedOrder().fulfillment, service: 'express' },
            shipTo: address,
            at: LATER,
          },
        },
        { type: 'AddressChanged', data: { shipTo: address, at: LATER } },
        released(ADDRESS_HOLD, 'address', 'The address was changed'),
      ));

  it('to a postal code that breaks its form is held', () =>
    given(placed())
      .when(edit({ shipTo, doubts: ['malformed-postal-code'] }))
      .thenEvents(
        {
          type: 'AddressChanged',
          data: { shipTo: { ...address, postalCode: '12345' }, at: LATER },
        },
        {
          type: 'HoldPlaced',
          data: {
            holdId: ADDRESS_HOLD,
            kind: 'address',
            reason: 'shipTo.postalCode 12345 is not of the form that GB has',
            at: LATER,
          },
        },
      ));

  it('comes too late once others act on the order', () =>
    given(placed(), authorized, approved(['1', 5]))
      .when(edit({ service: 'express' }))
      .thenRejected({ code: 'already-approved' }));
});
