import {
  commandHandler,
  type CommandHandler,
  type EventStore,
  type KeyReused,
} from '@throughline/event-store';
import { derivedId } from '@throughline/kernel';
import { shipment } from './domain/shipment.decider.js';
import type {
  Shipment,
  ShipmentCommand,
  ShipmentEvent,
  ShipmentRejection,
} from './domain/shipment.js';
import { shipmentCodec } from './shipment.codec.js';

export const CATEGORY = 'shipment';

export type ShipmentHandler = CommandHandler<
  ShipmentCommand,
  ShipmentEvent,
  Shipment,
  ShipmentRejection
>;
export type Refusal = ShipmentRejection | KeyReused;

/** A package has one shipment, whose id follows from it. */
export const shipmentIdOf = (fulfillmentId: string, packageId: string): string =>
  derivedId(fulfillmentId, packageId);

/** Carries out commands on the streams `shipment-<shipmentId>`. */
export const shipmentHandler = (store: EventStore, now: () => string): ShipmentHandler =>
  commandHandler({ store, category: CATEGORY, decider: shipment, codec: shipmentCodec, now });
