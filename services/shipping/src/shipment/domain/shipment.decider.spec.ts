import { deciderSpec, run } from '@throughline/testing';
import { shipment } from './shipment.decider.js';
import {
  at,
  create,
  handedOver,
  handOver,
  labelled,
  reached,
  reportEarly,
  track,
  tracked,
  trackedEarly,
  voided,
  voidLabel,
} from './shipment.fixtures.js';
import { TRACKING_EVENTS_MAX } from './shipment.js';

const given = deciderSpec(shipment);
const onItsWay = [labelled, handedOver(9), reached('in-transit', 9)];
const arrived = [...onItsWay, tracked('e-1', 'delivered', 12), reached('delivered', 12)];

describe('a new shipment', () => {
  it('gets the cheapest rate that will do, and its label', () =>
    given().when(create()).thenEvents(labelled));

  it('gets one label', () => given(labelled).when(create()).thenNothing());

  it('is what everything else needs', () => {
    given().when(handOver(9)).thenRejected({ code: 'unknown-shipment' });
    given()
      .when(track('e-1', 'lost', 9))
      .thenRejected({ code: 'unknown-shipment' });
  });
});

describe('hand-over', () => {
  it('puts the parcel in transit', () =>
    given(labelled).when(handOver(9)).thenEvents(handedOver(9), reached('in-transit', 9)));

  it('happens once', () =>
    given(...onItsWay)
      .when(handOver(10))
      .thenNothing());

  it('is recorded and tells nothing new in a stream whose scan took effect before it', () =>
    given(labelled, tracked('e-1', 'in-transit', 8), reached('in-transit', 8))
      .when(handOver(9))
      .thenEvents(handedOver(9)));
});

describe('a label', () => {
  it('is void once its package was opened', () => {
    given(labelled).when(voidLabel(9)).thenEvents(voided(9));
    given(labelled, voided(9)).when(voidLabel(10)).thenNothing();
  });

  it('is void also where a carrier scanned it by mistake, and takes no tracking any more', () => {
    const scanned = [labelled, tracked('e-1', 'in-transit', 8)];
    given(...scanned)
      .when(voidLabel(9))
      .thenEvents(voided(9));
    given(...scanned, voided(9))
      .when(track('e-2', 'delivered', 10))
      .thenRejected({ code: 'shipment-voided' });
    given(...scanned, voided(9))
      .when(track('e-1', 'in-transit', 8))
      .thenNothing();
  });

  it('stays void in a stream that took tracking after it', () =>
    expect(run(shipment, [labelled, voided(9), tracked('e-1', 'lost', 10)], []).standing).toEqual({
      status: 'voided',
      at: at(9),
    }));

  it('stays as it is once the parcel has left', () =>
    given(...onItsWay)
      .when(voidLabel(10))
      .thenRejected({ code: 'already-handed-over' }));

  it('that is void never leaves', () =>
    given(labelled, voided(9)).when(handOver(10)).thenRejected({ code: 'shipment-voided' }));

  it('that was never made cannot be void', () =>
    given().when(voidLabel(9)).thenRejected({ code: 'unknown-shipment' }));
});

describe('tracking', () => {
  it('tells each milestone once', () => {
    given(...onItsWay)
      .when(track('e-1', 'delivery-failed', 11, 'nobody home'))
      .thenEvents(
        tracked('e-1', 'delivery-failed', 11, 'nobody home'),
        reached('delivery-failed', 11, 'nobody home'),
      );
    given(...onItsWay, tracked('e-1', 'delivery-failed', 11), reached('delivery-failed', 11))
      .when(track('e-2', 'delivery-failed', 14))
      .thenEvents(tracked('e-2', 'delivery-failed', 14));
  });

  it('before the hand-over is kept, and moves nothing', () => {
    given(labelled)
      .when(track('e-1', 'delivered', 9))
      .thenEvents(tracked('e-1', 'delivered', 9));
    expect(run(shipment, [labelled], [track('e-1', 'delivered', 9)]).standing.status).toBe(
      'labelled',
    );
  });

  it('takes effect with the hand-over, in its own order and at its own times', () => {
    given(labelled, tracked('e-2', 'delivered', 12), tracked('e-1', 'delivery-failed', 10, 'shut'))
      .when(handOver(9))
      .thenEvents(
        handedOver(9),
        reached('in-transit', 9),
        reached('delivery-failed', 10, 'shut'),
        reached('delivered', 12),
      );
    given(labelled, tracked('e-1', 'in-transit', 8))
      .when(handOver(9))
      .thenEvents(handedOver(9), reached('in-transit', 8));
  });

  it('is followed at once where tracking took effect before the hand-over', () =>
    given(labelled, tracked('e-1', 'in-transit', 8), reached('in-transit', 8))
      .when(track('e-2', 'delivered', 9))
      .thenEvents(tracked('e-2', 'delivered', 9), reached('delivered', 9)));

  it('records a scan that comes late and changes nothing', () => {
    given(...arrived)
      .when(track('e-2', 'in-transit', 13))
      .thenEvents(tracked('e-2', 'in-transit', 13));
    given(...arrived)
      .when(track('e-2', 'delivery-failed', 13))
      .thenEvents(tracked('e-2', 'delivery-failed', 13));
    given(...arrived)
      .when(track('e-2', 'lost', 13))
      .thenEvents(tracked('e-2', 'lost', 13));
  });

  it('finds a lost parcel again', () => {
    const lost = [...onItsWay, tracked('e-1', 'lost', 12), reached('lost', 12)];
    given(...lost)
      .when(track('e-2', 'delivered', 11))
      .thenEvents(tracked('e-2', 'delivered', 11), reached('delivered', 11));
    given(...lost)
      .when(track('e-2', 'returned-to-origin', 15))
      .thenEvents(tracked('e-2', 'returned-to-origin', 15), reached('returned-to-origin', 15));
  });

  it('believes that a parcel is back, whatever was said before and after', () => {
    given(...arrived)
      .when(track('e-2', 'returned-to-origin', 15))
      .thenEvents(tracked('e-2', 'returned-to-origin', 15), reached('returned-to-origin', 15));
    given(...onItsWay, tracked('e-1', 'returned-to-origin', 12), reached('returned-to-origin', 12))
      .when(track('e-2', 'delivered', 15))
      .thenEvents(tracked('e-2', 'delivered', 15));
  });

  it('without a hand-over is told once the time for it is over', () => {
    given(labelled, tracked('e-1', 'in-transit', 8))
      .when(reportEarly(11))
      .thenEvents(trackedEarly(11));
    given(labelled, tracked('e-1', 'in-transit', 8), trackedEarly(11))
      .when(reportEarly(12))
      .thenNothing();
    given(labelled, tracked('e-1', 'in-transit', 8), trackedEarly(11))
      .when(handOver(12))
      .thenEvents(handedOver(12), reached('in-transit', 8));
  });

  it('is not missed where the hand-over came, the label is void or nothing was tracked', () => {
    given(labelled).when(reportEarly(11)).thenNothing();
    given(...arrived)
      .when(reportEarly(13))
      .thenNothing();
    given(labelled, tracked('e-1', 'in-transit', 8), voided(9))
      .when(reportEarly(11))
      .thenNothing();
    given(labelled, tracked('e-1', 'in-transit', 8), reached('in-transit', 8))
      .when(reportEarly(11))
      .thenNothing();
  });

  it('ignores an event that was sent twice, however it is worded', () =>
    given(...arrived)
      .when(track('e-1', 'delivered', 12, 'left with a neighbour'))
      .thenNothing());

  it('refuses an event id that comes with another status', () =>
    given(...arrived)
      .when(track('e-1', 'lost', 12))
      .thenRejected({ code: 'event-id-reused', eventId: 'e-1', recorded: 'delivered' }));

  it('has a limit', () => {
    const scans = Array.from({ length: TRACKING_EVENTS_MAX }, (_, index) =>
      tracked(`e-${index}`, 'in-transit', 10),
    );
    given(...onItsWay, ...scans)
      .when(track('one-more', 'in-transit', 11))
      .thenRejected({
        code: 'too-many-tracking-events',
        trackingEventsMax: TRACKING_EVENTS_MAX,
      });
    given(...onItsWay, ...scans)
      .when(track('e-7', 'in-transit', 10))
      .thenNothing();
  });
});
