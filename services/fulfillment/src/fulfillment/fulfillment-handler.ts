import {
  commandHandler,
  type CommandHandler,
  type EventStore,
  type KeyReused,
} from '@throughline/event-store';
import { fulfillment } from './domain/fulfillment.decider.js';
import type {
  Fulfillment,
  FulfillmentCommand,
  FulfillmentEvent,
  FulfillmentRejection,
} from './domain/fulfillment.js';
import { fulfillmentCodec } from './fulfillment.codec.js';

export const CATEGORY = 'fulfillment';

export type FulfillmentHandler = CommandHandler<
  FulfillmentCommand,
  FulfillmentEvent,
  Fulfillment,
  FulfillmentRejection
>;
export type Refusal = FulfillmentRejection | KeyReused;

/** Carries out commands on the streams `fulfillment-<fulfillmentId>`. */
export const fulfillmentHandler = (store: EventStore, now: () => string): FulfillmentHandler =>
  commandHandler({ store, category: CATEGORY, decider: fulfillment, codec: fulfillmentCodec, now });
