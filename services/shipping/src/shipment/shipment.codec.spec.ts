import { readdirSync, readFileSync } from 'node:fs';
import { fold } from '@throughline/kernel';
import { shipment } from './domain/shipment.decider.js';
import type { ShipmentEvent } from './domain/shipment.js';
import { shipmentCodec } from './shipment.codec.js';

const GOLDEN = new URL('./golden/', import.meta.url);

const decoded = (file: string): ShipmentEvent => {
  const [type = '', version] = file.split('.');
  const data: unknown = JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8'));
  return shipmentCodec.decode({ stream: 'shipment-1', type, version: Number(version), data });
};

describe('stored shipment events', () => {
  it('have a golden file for every type and version', () => {
    const expected = Object.entries(shipmentCodec.types).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
    );
    expect(readdirSync(GOLDEN).sort()).toEqual(expected.sort());
  });

  it('fold, as one story, into where the parcel is', () => {
    const story = [
      'ShipmentLabelled.1.json',
      'ShipmentHandedOver.1.json',
      'TrackingRecorded.1.json',
      'MilestoneReached.1.json',
    ].map(decoded);
    expect(fold(shipment, shipment.initialState, story)).toEqual({
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
    const story = ['ShipmentLabelled', 'TrackingRecorded', 'ShipmentTrackedEarly'].map((type) =>
      decoded(`${type}.1.json`),
    );
    const { standing, early, missed } = fold(shipment, shipment.initialState, story);
    expect({ status: standing.status, ids: early.map(({ eventId }) => eventId), missed }).toEqual({
      status: 'labelled',
      ids: ['scan-77'],
      missed: true,
    });
  });

  it('of before that rule, with milestones ahead of the hand-over, fold as they did', () => {
    const story = ['ShipmentLabelled', 'TrackingRecorded', 'MilestoneReached'].map((type) =>
      decoded(`${type}.1.json`),
    );
    const { standing, handedOver } = fold(shipment, shipment.initialState, story);
    expect({ standing, handedOver }).toEqual({
      standing: { status: 'delivery-failed', at: '2026-11-03T11:00:00.000Z' },
      handedOver: false,
    });
  });

  it('fold into a parcel whose label is void', () => {
    const story = ['ShipmentLabelled.1.json', 'ShipmentVoided.1.json'].map(decoded);
    const { standing, handedOver } = fold(shipment, shipment.initialState, story);
    expect({ standing, handedOver }).toEqual({
      standing: { status: 'voided', at: '2026-11-03T11:00:00.000Z' },
      handedOver: false,
    });
  });

  it('of an unknown type are a fault', () =>
    expect(() =>
      shipmentCodec.decode({ stream: 'shipment-1', type: 'Unheard', version: 1, data: {} }),
    ).toThrow('Unknown event type Unheard'));
});
