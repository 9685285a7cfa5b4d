import { contractOf, contracts } from '@throughline/contracts';
import {
  at,
  handedOver,
  labelled,
  parcel,
  reached,
  tracked,
  trackedEarly,
  voided,
} from './domain/shipment.fixtures.js';
import type { Milestone, ShipmentEvent } from './domain/shipment.js';
import { shipmentCodec } from './shipment.codec.js';
import { shipmentPublisher } from './shipment.publisher.js';

const RECORDED_AT = '2026-11-02T08:30:00.000Z';

const published = (event: ShipmentEvent) =>
  shipmentPublisher
    .map({
      id: 'event-1',
      stream: 'shipment-shipment-1',
      revision: 0,
      position: 1n,
      ...shipmentCodec.encode(event),
      metadata: { at: RECORDED_AT, causationId: 'cause-1', correlationId: 'story-1' },
    })
    .map(({ type, key, topic, data }) => {
      expect(contractOf(contracts().get(type)!).validate(data)).toEqual([]);
      return { type, key, topic, data };
    });

const message = (type: string, data: object) => ({
  type,
  key: 'order-1',
  topic: 'oms.shipment',
  data: { ...parcel, ...data },
});

describe('the shipment publisher', () => {
  it('tells of the label, and nobody whom it is for', () =>
    expect(published(labelled)).toEqual([message('ShipmentLabelled', { at: RECORDED_AT })]));

  it('tells of a label that is void', () =>
    expect(published(voided(9))).toEqual([message('ShipmentVoided', { at: at(9) })]));

  it('tells of a parcel that is tracked and not handed over', () =>
    expect(published(trackedEarly(9))).toEqual([message('ShipmentTrackedEarly', { at: at(9) })]));

  it.each<[Milestone, string]>([
    ['in-transit', 'ShipmentInTransit'],
    ['delivered', 'ShipmentDelivered'],
    ['returned-to-origin', 'ShipmentReturnedToOrigin'],
    ['lost', 'ShipmentLost'],
  ])('tells of %s, with the time at which it happened', (milestone, type) => {
    expect(published(reached(milestone, 9, 'reason'))).toEqual([message(type, { at: at(9) })]);
  });

  it('tells why a delivery failed, or that nobody said', () => {
    expect(published(reached('delivery-failed', 9, 'nobody home'))).toEqual([
      message('ShipmentDeliveryFailed', { at: at(9), reason: 'nobody home' }),
    ]);
    expect(published(reached('delivery-failed', 9))).toEqual([
      message('ShipmentDeliveryFailed', { at: at(9), reason: 'not stated' }),
    ]);
  });

  it('keeps the rest to itself', () => {
    expect(published(handedOver(9))).toEqual([]);
    expect(published(tracked('e-1', 'delivered', 9))).toEqual([]);
  });
});
