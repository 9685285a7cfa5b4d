import type { ContractMessage } from '@throughline/contracts';
import { causeOf, refusedFact } from '@throughline/messaging';
import type { Disown, OrderNews } from '../disowned/disown.js';
import type { OrderCommand } from './domain/order.js';
import type { OrderHandler } from './order-handler.js';

/** Carries out what a message of another service tells of an order. */
export type RecordNews = (
  message: ContractMessage<OrderNews>,
  command: OrderCommand,
) => Promise<void>;

/**
 * Writes down what another service reports of an order. Only what was approved is given out to be worked on: what is told
 * of any other order, or of none, is disowned. Every other refusal can only be a fault of ours or theirs: it throws, so
 * that the message is parked where people see it.
 */
export const newsRecorder =
  (handle: OrderHandler, disown: Disown): RecordNews =>
  async (message, command) => {
    const { orderId } = message.data;
    const result = await handle(orderId, command, causeOf(message));
    if (result.ok) {
      // Payments alone knows an order before it is approved.
      if (message.topic !== 'oms.payment' && !result.state.progress.approved) await disown(message);
      return;
    }
    const { state } = await handle.load(orderId);
    const isAnswered = !state.progress.approved && (await disown(message));
    if (!isAnswered) throw refusedFact(message, orderId, result.rejection);
  };
