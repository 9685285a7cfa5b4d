import {
  FulfillmentHandedOver,
  FulfillmentPacked,
  FulfillmentPicked,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentReleased,
  FulfillmentShorted,
  type Delivery,
  type FulfillmentProgress,
} from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { assertNever } from '@throughline/kernel';
import { publish, publisher, type Published } from '@throughline/messaging';
import type {
  Assignment,
  Delivery as StoredDelivery,
  FulfillmentEvent,
  LineProgress,
} from './domain/fulfillment.js';
import { quantityOf, startOf } from './domain/lines.js';
import { fulfillmentCodec } from './fulfillment.codec.js';
import { CATEGORY } from './fulfillment-handler.js';

const deliveryOf = ({ shipTo, ...delivery }: StoredDelivery): Delivery => ({
  ...delivery,
  shipTo: shipTo && {
    ...shipTo,
    personal: { ...shipTo.personal, lines: [...shipTo.personal.lines] },
  },
});

const messagesOf = (
  { type, data }: FulfillmentEvent,
  { stream, metadata: { at } }: RecordedEvent,
): readonly Published[] => {
  const progressOf = (
    { orderId, locationId, attempt }: Assignment,
    progress: LineProgress[],
  ): FulfillmentProgress => {
    const fulfillmentId = stream.slice(CATEGORY.length + 1);
    return { orderId, fulfillmentId, locationId, attempt, at, progress };
  };
  // Until the time has come the work is nobody's, and nobody hears of it.
  if (type === 'WorkAccepted' || type === 'PackageLabelled' || type === 'FulfillmentScheduled')
    return [];
  if (type === 'FulfillmentReleased')
    return [publish(FulfillmentReleased, data.orderId, progressOf(data, data.lines.map(startOf)))];
  const key = data.orderId;
  const fact = progressOf(
    data,
    data.lines.map(({ after }) => after),
  );
  const lines = data.lines.filter(({ quantity }) => quantity > 0).map(quantityOf);
  switch (type) {
    case 'ScheduleEnded':
      return [publish(FulfillmentReleased, key, fact)];
    case 'ItemsPicked':
      return [publish(FulfillmentPicked, key, fact)];
    case 'ItemsShorted':
      return [publish(FulfillmentShorted, key, { ...fact, reason: data.reason, lines })];
    case 'WorkRejected':
      return [publish(FulfillmentRejected, key, { ...fact, reason: data.reason, lines })];
    case 'PackageClosed': {
      const { orderNumber, packageId, weightGrams } = data;
      const delivery = deliveryOf(data.delivery);
      const packed = { ...fact, orderNumber, packageId, weightGrams, delivery, lines };
      return [publish(FulfillmentPacked, key, packed)];
    }
    case 'GoodsHandedOver': {
      const { receiver, packages } = data;
      const handedOver = { ...fact, receiver, packages: [...packages], lines };
      return [publish(FulfillmentHandedOver, key, handedOver)];
    }
    case 'LinesRecalled': {
      const { recallId, refused, reopened } = data;
      const answer = { recallId, lines, refused: [...refused], reopened: [...reopened] };
      return [publish(FulfillmentRecalled, key, { ...fact, ...answer })];
    }
    default:
      return assertNever(type);
  }
};

/** What the world hears of a fulfillment; each message tells how far the lines are that its event touched. */
export const fulfillmentPublisher = publisher({
  service: 'fulfillment',
  topic: 'oms.fulfillment',
  category: CATEGORY,
  codec: fulfillmentCodec,
  map: messagesOf,
});
