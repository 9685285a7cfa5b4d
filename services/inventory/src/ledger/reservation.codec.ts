import { codecOf } from '@throughline/event-store';
import type { ReservationEvent } from './domain/ledger.js';

/** Category of the streams `reservation-<order id>`. */
export const RESERVATION_CATEGORY = 'reservation';

export const reservationCodec = codecOf<ReservationEvent>({
  StockReserved: { version: 1 },
  StockRefused: { version: 1 },
  StockOffered: { version: 1 },
  ReservationRevoked: { version: 1 },
  BackorderPromiseMoved: { version: 1 },
});
