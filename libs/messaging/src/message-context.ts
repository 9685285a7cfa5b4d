import type { ContractMessage } from '@throughline/contracts';
import { inSpan, withLogContext } from '@throughline/telemetry';

const orderIdOf = (data: unknown): string | undefined => {
  const { orderId } = (data ?? {}) as { readonly orderId?: unknown };
  return typeof orderId === 'string' ? orderId : undefined;
};

/**
 * Deals with a message in a log context of its ids, and in a span that is a child of the message's trace. A
 * message without a trace gets no span: nobody could find it. A group is named after its service.
 */
export const inContextOf = <Result>(
  message: ContractMessage,
  { group, topic }: { readonly group: string; readonly topic: string },
  work: () => Promise<Result>,
): Promise<Result> => {
  const { id: messageId, type, key, traceparent: parent, correlationId, causationId } = message;
  const orderId = orderIdOf(message.data);
  const fields = { group, topic, messageId, correlationId, causationId };
  return withLogContext({ ...fields, ...(orderId !== undefined && { orderId }) }, () => {
    if (!parent) return work();
    const service = group.split('.', 1)[0]!;
    const attributes = { service, group, topic, messageId, key };
    return inSpan(`handle ${type}`, { role: 'consumer', parent, attributes }, work);
  });
};
