import {
  ReservationRevoked,
  StockOffered,
  StockRefused,
  StockReserved,
  type LineQuantity,
} from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher } from '@throughline/messaging';
import type { Line } from './domain/ledger.js';
import { RESERVATION_CATEGORY, reservationCodec } from './reservation.codec.js';

const linesOf = (lines: readonly Line[]): LineQuantity[] => [...lines];

/** What routing hears of an order's reservations, its place in the queue and what is earmarked for it. */
export const reservationPublisher = publisher({
  service: 'inventory',
  topic: 'oms.reservation',
  category: RESERVATION_CATEGORY,
  codec: reservationCodec,
  map: ({ type, data }) => {
    switch (type) {
      case 'StockReserved': {
        const allocations = data.allocations.map(({ locationId, lines }) => ({
          locationId,
          lines: linesOf(lines),
        }));
        const backordered = [...data.backordered];
        return [publish(StockReserved, data.orderId, { ...data, allocations, backordered })];
      }
      case 'StockRefused':
        return [publish(StockRefused, data.orderId, { ...data, shortages: [...data.shortages] })];
      case 'StockOffered':
        return [publish(StockOffered, data.orderId, { ...data, lines: linesOf(data.lines) })];
      case 'ReservationRevoked':
        return [publish(ReservationRevoked, data.orderId, { ...data, lines: linesOf(data.lines) })];
      default:
        return assertNever(type);
    }
  },
});
