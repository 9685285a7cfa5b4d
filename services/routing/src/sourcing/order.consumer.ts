import {
  OrderApproved,
  OrderCancellationRequested,
  OrderDisowned,
  SourcingRequested,
  type ApprovedLine,
  type Delivery,
} from '@throughline/contracts';
import { locate } from '@throughline/geo';
import type { GeoPoint } from '@throughline/kernel';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { Picture } from './domain/picture.js';
import type { PictureOf, ReadPicture } from '../picture/picture.query.js';
import { onlyLocationOf } from './domain/attempt.js';
import type { Delivery as StoredDelivery, OrderedLine } from './domain/sourcing.js';
import type { Carry } from './sourcing-handler.js';

const deliveryOf = ({
  method,
  service,
  locationId,
  promisedBy,
  notBefore,
  shipTo,
}: Delivery): StoredDelivery => ({
  method,
  service,
  locationId: locationId ?? null,
  promisedBy: promisedBy ?? null,
  ...(notBefore && { notBefore }),
  shipTo: shipTo ?? null,
});

const lineOf = ({ lineId, sku, quantity, reservationId }: ApprovedLine): OrderedLine => ({
  lineId,
  sku,
  quantity,
  ...(reservationId && { reservationId }),
});

const destinationOf = ({ shipTo }: StoredDelivery): GeoPoint | null => {
  const place = shipTo && locate(shipTo);
  return place ? { lat: place.lat, lng: place.lng } : null;
};

/** Topics overtake each other: an order may come a moment before the location that it names. */
const LOCATION_READS_MAX = 5;
const LOCATION_PAUSE_MS = 100;

const pictureFor = async (read: ReadPicture, wanted: PictureOf): Promise<Picture> => {
  const { onlyLocationId } = wanted;
  for (let reads = 1; ; reads += 1) {
    const picture = await read(wanted);
    const isKnown = picture.locations.some(({ locationId }) => locationId === onlyLocationId);
    if (onlyLocationId === null || isKnown || reads === LOCATION_READS_MAX) return picture;
    await new Promise((resolve) => setTimeout(resolve, LOCATION_PAUSE_MS));
  }
};

/** An order may be sourced, its customer wants less of it, or a person wants it sourced once more. */
export const orderConsumer = (carry: Carry, read: ReadPicture): Consumer =>
  consumer({
    group: 'routing.oms.order',
    topic: 'oms.order',
    handlers: [
      on(OrderApproved, async (message) => {
        const { orderId, orderNumber, acceptedAt, priority, channel, holdsOfChannel } =
          message.data;
        const delivery = deliveryOf(message.data.delivery);
        const lines = message.data.lines.map(lineOf);
        const skus = [...new Set(lines.map(({ sku }) => sku))];
        const onlyLocationId = onlyLocationOf({ delivery });
        const picture = await pictureFor(read, { skus, onlyLocationId });
        const destination = destinationOf(delivery);
        const head = { orderId, orderNumber, acceptedAt, priority, delivery, destination };
        const limits = { ...(channel && { channel }), ...(holdsOfChannel && { holdsOfChannel }) };
        const order = { ...head, ...limits };
        const command = { type: 'StartSourcing', data: { ...order, lines, picture } } as const;
        await carry(orderId, command, causeOf(message), { likelyNew: true });
      }),
      on(OrderCancellationRequested, async (message) => {
        const { orderId, cancellationId, lines } = message.data;
        const command = { type: 'CancelLines', data: { cancellationId, lines } } as const;
        await carry(orderId, command, causeOf(message));
      }),
      on(OrderDisowned, async (message) => {
        const { orderId, disownId, work } = message.data;
        const command = { type: 'DisownOrder', data: { disownId, work } } as const;
        await carry(orderId, command, causeOf(message));
      }),
      on(SourcingRequested, async (message) => {
        const { orderId, requestId, again } = message.data;
        const delivery = message.data.delivery && deliveryOf(message.data.delivery);
        const elsewhere = delivery && { delivery, destination: destinationOf(delivery) };
        const lines = again.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
        const data = { requestId, again: lines, ...elsewhere };
        await carry(orderId, { type: 'RequestSourcing', data }, causeOf(message));
      }),
    ],
  });
