import { accept, assertNever, type Decider } from '@throughline/kernel';
import { planAttempt, refuseAttempt, settleAttempt, thenOffers } from './attempt.js';
import { disbelieve, disownOrder } from './disown.js';
import { evolve, initialState } from './evolution.js';
import { movePromises } from './promises.js';
import {
  answerRecall,
  cancelLines,
  recordHandOver,
  returnLines,
  revokeReservation,
} from './recall.js';
import { requestSourcing } from './request.js';
import type { Sourcing, SourcingCommand, SourcingEvent, StartSourcing } from './sourcing.js';

/**
 * The conversation about one order: propose, hear what inventory reserved or refused, hand work to locations,
 * and source again what comes back. One attempt is under way at a time. It refuses nothing: its inputs
 * are facts, and a fact that changes nothing is already true.
 */
export const sourcing: Decider<SourcingCommand, SourcingEvent, Sourcing, never> = {
  initialState,
  decide: (command, state) => accept(...eventsOf(command, state)),
  evolve,
};

const eventsOf = ({ type, data }: SourcingCommand, state: Sourcing): readonly SourcingEvent[] => {
  switch (type) {
    case 'StartSourcing':
      return started(state, data);
    case 'PlanAttempt':
      return planAttempt(state, data.picture, data.at);
    case 'SettleAttempt':
      return state.order ? settleAttempt(state, data) : disbelieve(state, data);
    case 'RefuseAttempt':
      return thenOffers(state, refuseAttempt(state, data));
    case 'TakeOffer':
      return state.order ? thenOffers(state, [{ type: 'StockOffered', data }]) : [];
    case 'MovePromises':
      return movePromises(state, data);
    case 'ReturnLines':
      return returnLines(state, data);
    case 'RevokeReservation':
      return revokeReservation(state, data);
    case 'AnswerRecall':
      return answerRecall(state, data);
    case 'RecordHandOver':
      return recordHandOver(state, data);
    case 'CancelLines':
      return cancelLines(state, data);
    case 'DisownOrder':
      return disownOrder(state, data);
    case 'RequestSourcing':
      return requestSourcing(state, data);
    default:
      return assertNever(type);
  }
};

/** An order is approved once; a second approval would source it twice, unless the first was disowned. */
const started = (
  state: Sourcing,
  { picture, ...order }: StartSourcing,
): readonly SourcingEvent[] => {
  if (state.order && !state.disowned) return [];
  const event: SourcingEvent = { type: 'SourcingStarted', data: order };
  return [event, ...planAttempt(evolve(state, event), picture)];
};
