import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import {
  AVAILABILITY_CLOCK,
  AVAILABILITY_QUERY,
  AvailabilityController,
} from './availability.controller.js';
import { availabilityQuery } from './availability.query.js';

export const availabilityRoom = ({ database, now }: Runtime): Room => ({
  controllers: [AvailabilityController],
  providers: [
    { provide: AVAILABILITY_QUERY, useValue: availabilityQuery(database) },
    { provide: AVAILABILITY_CLOCK, useValue: now },
  ],
});
