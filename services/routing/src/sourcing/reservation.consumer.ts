import {
  BackorderPromiseMoved,
  ReservationRevoked,
  StockOffered,
  StockRefused,
  StockReserved,
  type BackorderedLine,
} from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { Backordered } from './domain/sourcing.js';
import type { Carry } from './sourcing-handler.js';

const waitingLine = ({ promisedOn, ...line }: BackorderedLine): Backordered => ({
  ...line,
  promisedOn: promisedOn ?? null,
});

/** What inventory answers and offers. Redelivery finds its own cause in the stream and writes nothing. */
export const reservationConsumer = (carry: Carry): Consumer =>
  consumer({
    group: 'routing.oms.reservation',
    topic: 'oms.reservation',
    handlers: [
      on(StockReserved, async (message) => {
        const { orderId, attempt, allocations } = message.data;
        const backordered = message.data.backordered.map(waitingLine);
        const inventoryRevision = message.streamRevision;
        const data = { attempt, allocations, backordered, inventoryRevision };
        await carry(orderId, { type: 'SettleAttempt', data }, causeOf(message));
      }),
      on(StockRefused, async (message) => {
        const { orderId, attempt, unknownSkus } = message.data;
        const shortages = message.data.shortages.map(({ sku, locationId, available }) => ({
          sku,
          locationId,
          available,
        }));
        const holds = message.data.holds?.map(({ reservationId, sku, locationId, quantity }) => ({
          reservationId,
          sku,
          locationId: locationId ?? null,
          quantity,
        }));
        const data = {
          attempt,
          shortages,
          ...(holds && { holds }),
          ...(unknownSkus && { unknownSkus }),
        };
        await carry(orderId, { type: 'RefuseAttempt', data }, causeOf(message));
      }),
      on(StockOffered, async (message) => {
        const { orderId, offerId, locationId, lines } = message.data;
        const data = { offerId, locationId, lines };
        await carry(orderId, { type: 'TakeOffer', data }, causeOf(message));
      }),
      on(BackorderPromiseMoved, async (message) => {
        const lines = message.data.lines.map(waitingLine);
        const data = { lines, inventoryRevision: message.streamRevision };
        await carry(message.data.orderId, { type: 'MovePromises', data }, causeOf(message));
      }),
      on(ReservationRevoked, async (message) => {
        const { orderId, attempt, locationId, lines } = message.data;
        const data = { attempt, locationId, lines };
        await carry(orderId, { type: 'RevokeReservation', data }, causeOf(message));
      }),
    ],
  });
