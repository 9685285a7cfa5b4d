import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { backordersQuery } from './backorders.query.js';
import { BACKORDERS_QUERY, QueueController, RESERVATIONS_QUERY } from './queue.controller.js';
import { reservationsQuery } from './reservations.query.js';

export const queueRoom = ({ database }: Runtime): Room => ({
  controllers: [QueueController],
  providers: [
    { provide: BACKORDERS_QUERY, useValue: backordersQuery(database) },
    { provide: RESERVATIONS_QUERY, useValue: reservationsQuery(database) },
  ],
});
