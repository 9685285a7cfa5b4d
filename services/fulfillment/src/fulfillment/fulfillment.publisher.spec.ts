import { contractOf, contracts, type ContractMessage } from '@throughline/contracts';
import type { FulfillmentEvent } from './domain/fulfillment.js';
import {
  collected,
  handedOver,
  labelled,
  line,
  moved,
  packed,
  picked,
  recalled,
  rejected,
  released,
  shipped,
  shorted,
  unlabelled,
  withLabel,
  workAccepted,
} from './domain/fulfillment.fixtures.js';
import { fulfillmentCodec } from './fulfillment.codec.js';
import { fulfillmentPublisher } from './fulfillment.publisher.js';

const AT = '2026-11-01T10:00:00.000Z';
const FACT = {
  orderId: 'order-1',
  fulfillmentId: 'f-1',
  locationId: 'shop-1',
  attempt: 1,
  at: AT,
};

/** What is published of one event; every message must satisfy its contract. */
const published = (event: FulfillmentEvent): readonly ContractMessage[] => {
  const messages = fulfillmentPublisher.map({
    id: 'event-1',
    stream: 'fulfillment-f-1',
    revision: 0,
    position: 1n,
    ...fulfillmentCodec.encode(event),
    metadata: { at: AT, causationId: 'cause-1', correlationId: 'story-1' },
  });
  for (const { type, data } of messages)
    expect(contractOf(contracts().get(type)!).validate(data)).toEqual([]);
  return messages;
};

const only = (event: FulfillmentEvent) => {
  const [message, ...others] = published(event);
  expect(others).toEqual([]);
  const { type, key, topic, data } = message!;
  expect({ key, topic }).toEqual({ key: 'order-1', topic: 'oms.fulfillment' });
  return { type, data };
};

describe('the fulfillment publisher', () => {
  it('tells what was released', () =>
    expect(only(released([line('a', 3)]))).toEqual({
      type: 'FulfillmentReleased',
      data: { ...FACT, progress: [moved('a', 0, { released: 3 }).after] },
    }));

  it('tells where the touched lines stand after a pick', () =>
    expect(only(picked('scan-1', moved('a', 2, { released: 3, picked: 2 })))).toEqual({
      type: 'FulfillmentPicked',
      data: { ...FACT, progress: [moved('a', 0, { released: 3, picked: 2 }).after] },
    }));

  it('tells what was short', () => {
    const after = moved('a', 1, { released: 3, shorted: 1 });
    expect(only(shorted('scan-1', 'shelf empty', after))).toEqual({
      type: 'FulfillmentShorted',
      data: { ...FACT, progress: [after.after], reason: 'shelf empty', lines: [line('a', 1)] },
    });
  });

  it('tells a rejection as short lines', () => {
    const after = moved('a', 3, { released: 3, shorted: 3 });
    expect(only(rejected('no staff', after))).toEqual({
      type: 'FulfillmentRejected',
      data: { ...FACT, progress: [after.after], reason: 'no staff', lines: [line('a', 3)] },
    });
  });

  it('tells what a package contains and where it goes', () => {
    const after = moved('a', 2, { released: 3, picked: 3, packed: 2 });
    expect(only(packed('box-1', [after], { weightGrams: 700 }))).toEqual({
      type: 'FulfillmentPacked',
      data: {
        ...FACT,
        progress: [after.after],
        orderNumber: 'A-1',
        packageId: 'box-1',
        weightGrams: 700,
        delivery: shipped,
        lines: [line('a', 2)],
      },
    });
    expect(only(packed('bag-1', [after], { delivery: collected })).data).toMatchObject({
      delivery: { method: 'pickup', shipTo: null },
    });
  });

  it('tells which packages left, with whom', () => {
    const after = moved('a', 2, { released: 2, picked: 2, packed: 2, handedOver: 2 });
    expect(only(handedOver('truck-1', ['box-1'], [after]))).toEqual({
      type: 'FulfillmentHandedOver',
      data: {
        ...FACT,
        progress: [after.after],
        receiver: 'carrier',
        packages: [{ packageId: 'box-1', shipmentId: 'shipment-of-box-1' }],
        lines: [line('a', 2)],
      },
    });
  });

  it('tells what a recall got and did not get, and where every line stands that it moved', () => {
    const given = moved('a', 1, { released: 3, picked: 2, cancelled: 1 });
    const unpacked = moved('b', 0, { released: 1, picked: 1 });
    const event = recalled('recall-1', [given, unpacked], {
      refused: [line('a', 2)],
      reopened: [withLabel('box-1'), unlabelled('box-2')],
    });
    expect(only(event)).toEqual({
      type: 'FulfillmentRecalled',
      data: {
        ...FACT,
        progress: [given.after, unpacked.after],
        recallId: 'recall-1',
        lines: [line('a', 1)],
        refused: [line('a', 2)],
        reopened: [
          { packageId: 'box-1', shipmentId: 'shipment-of-box-1' },
          { packageId: 'box-2', shipmentId: null },
        ],
      },
    });
  });

  it('keeps acceptance and labels to itself', () => {
    expect(published(workAccepted)).toEqual([]);
    expect(published(labelled('box-1'))).toEqual([]);
  });
});
