import type {
  ContractMessage,
  FulfillmentProgress,
  OrderSourced,
  Topic,
} from '@throughline/contracts';
import { commandHandler, type EventStore } from '@throughline/event-store';
import { causeOf } from '@throughline/messaging';
import { counter } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { disownedCodec } from './disowned.codec.js';
import { DISOWNED_CATEGORY } from './disowned.publisher.js';
import { disowned } from './domain/disowned.decider.js';
import type { NamedWork, News } from './domain/disowned.js';
import type { KnownLog } from './known-log.js';

const strangers = counter(
  {
    name: 'oms_stranger_messages_total',
    help: 'News of orders that this service never gave out: disowned, or only told while its log is not whole',
  },
  ['service', 'topic', 'outcome'],
);

/** News of an order, as far as they tell of work for it. */
export type OrderNews = { readonly orderId: string } & Partial<
  Pick<OrderSourced, 'attempt' | 'allocations'> &
    Pick<FulfillmentProgress, 'fulfillmentId' | 'locationId' | 'progress'>
>;

/**
 * Answers news of an order that was never given out: an alarm, and an event that has others take back what they do for it.
 * Answers whether it did the latter: while this log is not whole, the order may be one that was lost.
 */
export type Disown = (message: ContractMessage<OrderNews>) => Promise<boolean>;

const newsOf = ({ id, topic, type, source, data }: ContractMessage<OrderNews>): News => ({
  topic,
  type,
  source,
  messageId: id,
  attempt: data.attempt ?? null,
  work: workOf(data),
});

const workOf = ({ attempt, allocations, ...told }: OrderNews): NamedWork[] => {
  if (attempt === undefined) return [];
  if (allocations)
    return allocations.map(({ fulfillmentId, locationId, lines }) => {
      const wanted = lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
      return { fulfillmentId, locationId, attempt, lines: wanted };
    });
  const { fulfillmentId, locationId, progress = [] } = told;
  const lines = progress
    .map(({ lineId, sku, released, shorted, cancelled, handedOver }) => ({
      lineId,
      sku,
      quantity: released - shorted - cancelled - handedOver,
    }))
    .filter(({ quantity }) => quantity > 0);
  if (!fulfillmentId || !locationId || lines.length === 0) return [];
  return [{ fulfillmentId, locationId, attempt, lines }];
};

const TOLD_OF_ORDERS: readonly Topic[] = [
  'oms.payment',
  'oms.sourcing',
  'oms.fulfillment',
  'oms.shipment',
  'oms.return',
];

export const disowner = (
  store: EventStore,
  log: Pick<KnownLog, 'isWhole'>,
  logger: Logger,
  now: () => string,
): Disown => {
  const handle = commandHandler({
    store,
    category: DISOWNED_CATEGORY,
    decider: disowned,
    codec: disownedCodec,
    now,
  });
  const count = (topic: Topic, outcome: 'disowned' | 'told', by = 1): void =>
    strangers.inc({ service: 'order-capture', topic, outcome }, by);
  // From 0 on, so that the first one is seen as an increase.
  for (const topic of TOLD_OF_ORDERS) {
    count(topic, 'disowned', 0);
    count(topic, 'told', 0);
  }
  return async (message) => {
    const { id: messageId, topic, type, source, data } = message;
    const { orderId } = data;
    const isWhole = await log.isWhole();
    count(topic, isWhole ? 'disowned' : 'told');
    logger.error(
      { orderId, topic, type, source, messageId, isWhole },
      'news of an order that was never given out',
    );
    if (isWhole) await handle(orderId, { type: 'Disown', data: newsOf(message) }, causeOf(message));
    return isWhole;
  };
};
