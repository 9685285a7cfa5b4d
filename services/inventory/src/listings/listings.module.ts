import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { listingConsumer } from './listing.consumer.js';
import { LISTINGS, LISTINGS_QUERY, ListingsController } from './listings.controller.js';
import { dueListings, listingsLookThrough } from './listings.process.js';
import { listingsQuery } from './listings.query.js';
import { listingsOf } from './listings.js';
import { tellerOf } from './telling.js';

export const listingsRoom = (runtime: Runtime): Room => {
  const { database } = runtime;
  const tell = tellerOf(runtime);
  return {
    controllers: [ListingsController],
    providers: [
      { provide: LISTINGS, useValue: listingsOf(runtime) },
      { provide: LISTINGS_QUERY, useValue: listingsQuery(database) },
    ],
    consumers: [listingConsumer(tell)],
    tasks: [dueListings(tell, database), listingsLookThrough(tell, database)],
  };
};
