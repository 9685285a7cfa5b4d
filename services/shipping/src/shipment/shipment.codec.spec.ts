import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { shipment } from './domain/shipment.decider.js';
import { shipmentCodec } from './shipment.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, shipmentCodec);

describe('stored shipment events', () => {
  goldenSuite(GOLDEN, shipmentCodec);

  it('fold, as one story, into where the parcel is', () => {
    const events = story(
      'ShipmentLabelled',
      'ShipmentHandedOver',
      'TrackingRecorded',
      'MilestoneReached',
    );
    expect(fold(shipment, shipment.initialState, events)).toEqual({
      parcel: {
        shipmentId: '5f0e7c1a-2b64-5a5c-8d11-6f3f0a9b7c55',
        orderId: '0b1c9f3e-54a1-5d7e-9c39-0a4b6f1f2d10',
        fulfillmentId: '2d9a1b90-7c1e-5b0f-a1c4-9f7e6d5c4b3a',
        packageId: 'box-1',
        locationId: 'shop-1',
        carrier: 'throughline-post',
        trackingNumber: 'TL212703360702217739',
        lines: [{ lineId: '1', sku: '85123A', quantity: 3 }],
      },
      standing: { status: 'delivery-failed', at: '2026-11-03T11:00:00.000Z' },
      handedOver: true,
      early: [],
      missed: false,
      reached: new Set(['delivery-failed']),
      tracked: new Map([['scan-77', 'delivery-failed']]),
    });
  });

  it('fold into a parcel that is tracked and not handed over', () => {
    const events = story('ShipmentLabelled', 'TrackingRecorded', 'ShipmentTrackedEarly');
    const { standing, early, missed } = fold(shipment, shipment.initialState, events);
    expect({ status: standing.status, ids: early.map(({ eventId }) => eventId), missed }).toEqual({
      status: 'labelled',
      ids: ['scan-77'],
      missed: true,
    });
  });

  it('of before that rule, with milestones ahead of the hand-over, fold as they did', () => {
    const events = story('ShipmentLabelled', 'TrackingRecorded', 'MilestoneReached');
    const { standing, handedOver } = fold(shipment, shipment.initialState, events);
    expect({ standing, handedOver }).toEqual({
      standing: { status: 'delivery-failed', at: '2026-11-03T11:00:00.000Z' },
      handedOver: false,
    });
  });

  it('fold into a parcel whose label is void', () => {
    const events = story('ShipmentLabelled', 'ShipmentVoided');
    const { standing, handedOver } = fold(shipment, shipment.initialState, events);
    expect({ standing, handedOver }).toEqual({
      standing: { status: 'voided', at: '2026-11-03T11:00:00.000Z' },
      handedOver: false,
    });
  });
});
