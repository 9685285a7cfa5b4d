import { defineService } from '@throughline/service-kit';
import { trackedEarlyAfterMs } from './config.js';
import { awaitedHandOvers } from './hand-over-watch/awaited-hand-overs.projection.js';
import { handOverWatch, watchHandOvers } from './hand-over-watch/hand-over-watch.process.js';
import { fulfillmentConsumer } from './shipment/fulfillment.consumer.js';
import { shipmentHandler } from './shipment/shipment-handler.js';
import { shipmentPublisher } from './shipment/shipment.publisher.js';
import { NOW, SHIPMENT, TrackingController } from './shipment/tracking.controller.js';
import { SHIPMENTS, ShipmentsController } from './shipments/shipments.controller.js';
import { shipmentsProjection } from './shipments/shipments.projection.js';
import { shipmentsQuery } from './shipments/shipments.query.js';

/** Gives every shipped package a carrier and a label, and follows it until its journey ends. */
export const shipping = defineService({
  name: 'shipping',
  schema: 'shipping',
  paths: ['/v1/shipments', '/v1/shipping'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [shipmentPublisher],
  build: ({ store, database, now }) => {
    const handle = shipmentHandler(store, now);
    const afterMs = trackedEarlyAfterMs(process.env);
    return {
      module: {
        module: class ShippingModule {},
        controllers: [ShipmentsController, TrackingController],
        providers: [
          { provide: SHIPMENT, useValue: handle },
          { provide: NOW, useValue: now },
          { provide: SHIPMENTS, useValue: shipmentsQuery(database, store) },
        ],
      },
      consumers: [fulfillmentConsumer(handle)],
      projections: [shipmentsProjection, awaitedHandOvers],
      tasks: [handOverWatch(watchHandOvers(handle, database, now, afterMs))],
    };
  },
});
