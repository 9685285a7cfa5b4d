import {
  BackorderPromiseMoved,
  ReservationRevoked,
  StockOffered,
  StockRefused,
  StockReserved,
  type LineQuantity,
} from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher } from '@throughline/messaging';
import type { Line, ReservationEvent } from './domain/ledger.js';
import { RESERVATION_CATEGORY, reservationCodec } from './reservation.codec.js';

const linesOf = (lines: readonly Line[]): LineQuantity[] => [...lines];

type Refusal = Extract<ReservationEvent, { readonly type: 'StockRefused' }>['data'];

const refusalOf = ({ shortages, holds, unknownSkus, ...refusal }: Refusal): StockRefused => ({
  ...refusal,
  shortages: [...shortages],
  ...(holds && { holds: [...holds] }),
  ...(unknownSkus && { unknownSkus: [...unknownSkus] }),
});

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
        return [publish(StockRefused, data.orderId, refusalOf(data))];
      case 'StockOffered':
        return [publish(StockOffered, data.orderId, { ...data, lines: linesOf(data.lines) })];
      case 'ReservationRevoked':
        return [publish(ReservationRevoked, data.orderId, { ...data, lines: linesOf(data.lines) })];
      case 'BackorderPromiseMoved':
        return [publish(BackorderPromiseMoved, data.orderId, { ...data, lines: [...data.lines] })];
      default:
        return assertNever(type);
    }
  },
});
