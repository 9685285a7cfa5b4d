import { derivedId } from '@throughline/kernel';
import { deciderSpec } from '@throughline/testing';
import type { OrderCommand } from './order.js';
import { order } from './order.decider.js';
import {
  address,
  approved,
  AT,
  authorize,
  authorized,
  declined,
  held,
  LATER,
  ORDER_ID,
  place,
  placed,
  placedOrder,
  recordDecline,
  released,
  request,
  parcel,
} from './order.fixtures.js';
import { cancellationRequested, linesCancelled } from './order-cancellation.fixtures.js';
import { placementOf } from './placement.js';

const given = deciderSpec(order);

const placeHold: OrderCommand = {
  type: 'PlaceHold',
  data: { holdId: 'hold-1', kind: 'fraud', reason: 'looks odd', at: AT },
};
const release = (holdId = 'hold-1'): OrderCommand => ({
  type: 'ReleaseHold',
  data: { holdId, reason: 'checked', at: LATER },
});
const ADDRESS_HOLD = derivedId(ORDER_ID, 'hold', 'address');

describe('placing', () => {
  const { orderId, orderNumber, acceptedAt } = place().data;
  const placementFor = (overrides: Parameters<typeof request>[0]) => {
    const placement = placementOf(request(overrides), { orderId, orderNumber, acceptedAt });
    if (!placement.ok) throw new Error('invalid');
    return placement;
  };

  it('is one event for an order without faults', () =>
    given()
      .when(place())
      .thenEvents({ type: 'OrderPlaced', data: placementFor({}).order }));

  it('holds what a person must look at', () => {
    const { order: data, holds } = placementFor({ total: '99.00', shipTo: null });
    expect(holds.map(({ kind }) => kind)).toEqual(['review', 'address']);
    given()
      .when(place({ total: '99.00', shipTo: null }))
      .thenEvents(
        { type: 'OrderPlaced', data },
        ...holds.map((hold) => ({ type: 'HoldPlaced' as const, data: hold })),
      );
  });

  it('refuses an order that breaks a rule, also where one exists already', () => {
    const rejection = {
      code: 'invalid-order',
      errors: [
        { field: 'total', code: 'decimals', message: 'must have exactly 2 decimals, as GBP has' },
      ],
    } as const;
    given()
      .when(place({ total: '1' }))
      .thenRejected(rejection);
    given(placed())
      .when(place({ total: '1' }))
      .thenRejected(rejection);
  });

  it('refuses other content under the id of an order', () =>
    given(placed()).when(place()).thenRejected({ code: 'order-exists-with-other-content' }));

  it('knows nothing of orders that were never placed', () => {
    for (const command of [authorize, placeHold, release(), parcel('s1', 'lost', [])])
      given().when(command).thenRejected({ code: 'unknown-order' });
  });
});

describe('approval', () => {
  it('follows payment at once when nothing holds the order', () =>
    given(
      placed([
        ['1', 5],
        ['2', 1],
      ]),
    )
      .when(authorize)
      .thenEvents(authorized, approved(['1', 5], ['2', 1])));

  it('waits for the last hold', () => {
    given(placed(), held()).when(authorize).thenEvents(authorized);
    given(placed(), held(), held('hold-2', 'manual'), authorized)
      .when(release())
      .thenEvents(released());
    given(placed(), held(), held('hold-2', 'manual'), authorized, released('hold-2'))
      .when(release())
      .thenEvents(released(), approved(['1', 5]));
  });

  it('waits for payment', () => given(placed(), held()).when(release()).thenEvents(released()));

  it('happens once, however often payment is confirmed', () =>
    given(placed(), authorized, approved(['1', 5]))
      .when(authorize)
      .thenEvents(authorized));

  it('leaves out what was cancelled before', () =>
    given(
      placed([
        ['1', 5],
        ['2', 1],
      ]),
      cancellationRequested([['1', 2]], false),
      linesCancelled(['1', 2]),
    )
      .when(authorize)
      .thenEvents(authorized, approved(['1', 3], ['2', 1])));

  it('names the holds of the checkout that stand behind its lines', () => {
    const { lines, ...rest } = placedOrder([
      ['1', 5],
      ['2', 1],
    ]);
    const [first, second] = lines;
    const withHold = { ...rest, lines: [first!, { ...second!, reservationId: 'res-1' }] };
    const { type, data } = approved(['1', 5], ['2', 1]);
    const named = data.lines.map((line, index) =>
      index === 1 ? { ...line, reservationId: 'res-1' } : line,
    );
    given({ type: 'OrderPlaced', data: { ...withHold, channel: 'shop' } })
      .when(authorize)
      .thenEvents(authorized, { type, data: { ...data, channel: 'shop', lines: named } });
  });

  it('never comes for an order of which nothing is left', () =>
    given(placed(), cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(authorize)
      .thenEvents(authorized));
});

describe('a declined payment', () => {
  it('holds the order with the reason', () =>
    given(placed())
      .when(recordDecline('d1'))
      .thenEvents(declined('d1'), held('d1', 'payment', 'The payment failed')));

  it('is overcome by a later authorization', () =>
    given(placed(), declined('d1'), held('d1', 'payment'))
      .when(authorize)
      .thenEvents(
        authorized,
        released('d1', 'payment', 'Payment is authorized'),
        approved(['1', 5]),
      ));

  it('may be overruled by a person, who thereby answers for the payment', () =>
    given(placed(), declined('d1'), held('d1', 'payment'))
      .when(release('d1'))
      .thenEvents(released('d1'), approved(['1', 5])));

  it('does not hold twice', () =>
    given(placed(), declined('d1'), held('d1', 'payment'))
      .when(recordDecline('d2'))
      .thenEvents(declined()));

  it('holds again when it is news after a release', () =>
    given(placed(), held(), declined('d1'), held('d1', 'payment'), released('d1'))
      .when(recordDecline('d2'))
      .thenEvents(declined('d2'), held('d2', 'payment', 'The payment failed')));

  it('leaves a payment hold alone that a person placed', () =>
    given(placed(), held('by-hand', 'payment')).when(authorize).thenEvents(authorized));

  it('cannot hold what others act on already, and is recorded', () =>
    given(placed(), authorized, approved(['1', 5]))
      .when(recordDecline('d1'))
      .thenEvents(declined()));

  it('needs no hold where all is cancelled', () =>
    given(placed(), cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(recordDecline('d1'))
      .thenEvents(declined()));
});

describe('holds', () => {
  it('may be placed until approval', () => {
    given(placed()).when(placeHold).thenEvents(held());
    given(placed(), authorized, approved(['1', 5]))
      .when(placeHold)
      .thenRejected({ code: 'already-approved' });
  });

  it('make no sense on a cancelled order', () =>
    given(placed(), cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(placeHold)
      .thenRejected({ code: 'order-cancelled' }));

  it('are released once; the second to do it finds it done', () =>
    given(placed(), held(), released()).when(release()).thenNothing());

  it('must exist to be released', () =>
    given(placed(), held())
      .when(release('hold-9'))
      .thenRejected({ code: 'unknown-hold', holdId: 'hold-9' }));
});

describe('the address', () => {
  const change = (
    country: string | null,
    postalCode: string | null = 'SW1Y 4JH',
  ): OrderCommand => ({
    type: 'EditOrder',
    data: {
      at: LATER,
      shipTo: {
        personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
        city: 'London',
        postalCode,
        country,
      },
    },
  });
  const changed = (country: string | null, postalCode: string | null = 'SW1Y 4JH') => ({
    type: 'AddressChanged' as const,
    data: { at: LATER, shipTo: { ...address, country, postalCode } },
  });
  const homeless = placed([['1', 5]], { shipTo: { ...address, country: null } });
  const addressHeld = held(ADDRESS_HOLD, 'address', 'shipTo.country is missing');
  const addressReleased = released(ADDRESS_HOLD, 'address', 'The address was changed');

  it('must have a country before its hold can be released', () =>
    given(homeless, addressHeld)
      .when(release(ADDRESS_HOLD))
      .thenRejected({ code: 'address-incomplete', missing: 'shipTo.country' }));

  it('may be taken as it is by a person when only the postal code is missing', () =>
    given(placed([['1', 5]], { shipTo: { ...address, postalCode: null } }), addressHeld)
      .when(release(ADDRESS_HOLD))
      .thenEvents(released(ADDRESS_HOLD)));

  it('can be corrected, which ends its hold and may let the order go', () =>
    given(homeless, addressHeld, authorized)
      .when(change('GB'))
      .thenEvents(changed('GB'), addressReleased, approved(['1', 5])));

  it('is held again when it still lacks something', () =>
    given(homeless, addressHeld)
      .when(change('GB', null))
      .thenEvents(changed('GB', null), addressReleased, {
        type: 'HoldPlaced',
        data: {
          holdId: ADDRESS_HOLD,
          kind: 'address',
          reason: 'shipTo.postalCode is missing',
          at: LATER,
        },
      }));

  it('stays as it is once others act on it, or nobody will', () => {
    given(placed(), authorized, approved(['1', 5]))
      .when(change('GB'))
      .thenRejected({ code: 'already-approved' });
    given(placed(), cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(change('GB'))
      .thenRejected({ code: 'order-cancelled' });
  });

  it('of a pickup is nobody’s concern', () => {
    const fulfillment = {
      ...placedOrder().fulfillment,
      method: 'pickup' as const,
      locationId: 'store-1',
    };
    given(placed([['1', 5]], { fulfillment, shipTo: null }))
      .when(authorize)
      .thenEvents(authorized, {
        type: 'OrderApproved',
        data: {
          acceptedAt: AT,
          priority: 0,
          channel: 'web',
          delivery: {
            method: 'pickup',
            service: 'standard',
            locationId: 'store-1',
            promisedBy: null,
            shipTo: null,
          },
          lines: [{ lineId: '1', sku: 'SKU-1', quantity: 5 }],
        },
      });
  });
});

describe('exceptions', () => {
  const lost = { ...parcel('s1', 'lost', [['1', 5]]).data };
  const { shipmentId, status, at, ...content } = lost;
  const parcelLost = {
    type: 'ParcelProgressed' as const,
    data: { shipmentId, status, at, content },
  };
  const acknowledge: OrderCommand = {
    type: 'AcknowledgeException',
    data: { key: 'parcel-lost-s1', reason: 'sent again by hand' },
  };

  it('are acknowledged once', () => {
    const { data } = acknowledge;
    given(placed(), parcelLost)
      .when(acknowledge)
      .thenEvents({ type: 'ExceptionAcknowledged', data });
    given(placed(), parcelLost, { type: 'ExceptionAcknowledged', data })
      .when(acknowledge)
      .thenNothing();
  });

  it('must be there to be acknowledged', () =>
    given(placed())
      .when(acknowledge)
      .thenRejected({ code: 'unknown-exception', key: 'parcel-lost-s1' }));
});
