import { commandHandler } from '@throughline/event-store';
import { defineService } from '@throughline/service-kit';
import { locationConsumer } from './location/location.consumer.js';
import { knowsLocation } from './location/locations.query.js';
import { orderReturns } from './return/domain/return.decider.js';
import { returnList } from './return/return-list/return-list.projection.js';
import { returnQueries } from './return/return-list/return-list.query.js';
import { returnCodec } from './return/return.codec.js';
import { returnConsumers } from './return/return.consumer.js';
import { RETURN, returnPublisher } from './return/return.publisher.js';
import {
  KNOWS_LOCATION,
  RETURN_HANDLER,
  RETURN_QUERIES,
  ReturnsController,
} from './return/returns.controller.js';

/** Takes back what was delivered, and parcels that never arrived. */
export const returns = defineService({
  name: 'returns',
  schema: 'returns',
  paths: ['/v1/returns'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [returnPublisher],
  build: ({ store, database, now }) => {
    const handle = commandHandler({
      store,
      category: RETURN,
      decider: orderReturns,
      codec: returnCodec,
      now,
    });
    return {
      module: {
        module: class ReturnsModule {},
        controllers: [ReturnsController],
        providers: [
          { provide: RETURN_HANDLER, useValue: handle },
          { provide: KNOWS_LOCATION, useValue: knowsLocation(database) },
          { provide: RETURN_QUERIES, useValue: returnQueries(database, store) },
        ],
      },
      consumers: [...returnConsumers(handle), locationConsumer(database)],
      projections: [returnList],
    };
  },
});
