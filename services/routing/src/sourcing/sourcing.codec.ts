import { codecOf } from '@throughline/event-store';
import type { SourcingEvent } from './domain/sourcing.js';

/** How the events of `sourcing-<order id>` are stored. */
export const sourcingCodec = codecOf<SourcingEvent>({
  SourcingStarted: { version: 1 },
  SourcingProposed: { version: 1 },
  AttemptRefused: { version: 1 },
  AttemptSettled: { version: 1 },
  LateReservationReleased: { version: 1 },
  StockOffered: { version: 1 },
  OfferDeclined: { version: 1 },
  PromisesMoved: { version: 1 },
  LinesReturned: { version: 1 },
  BackordersReopened: { version: 1 },
  SourcingReopened: { version: 1 },
  ReservationRevoked: { version: 1 },
  RecallAnswered: { version: 1 },
  GoodsHandedOver: { version: 1 },
  LinesCancelled: { version: 1 },
  SourcingDisowned: { version: 1 },
  AnswerDisbelieved: { version: 1 },
  SourcingFailed: { version: 1 },
});
