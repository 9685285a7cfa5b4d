import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import {
  AVAILABILITY_CLOCK,
  AVAILABILITY_QUERY,
  AvailabilityController,
} from './availability.controller.js';
import { availabilityQuery } from './availability.query.js';
import { promiseMoves } from './promises.process.js';

export const availabilityRoom = (runtime: Runtime): Room => ({
  controllers: [AvailabilityController],
  providers: [
    { provide: AVAILABILITY_QUERY, useValue: availabilityQuery(runtime.database) },
    { provide: AVAILABILITY_CLOCK, useValue: runtime.now },
  ],
  tasks: [promiseMoves(runtime)],
});
