import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { REPAIRS, RepairsController } from './repairs.controller.js';
import { repairsOf } from './repairs.js';

export const repairsRoom = (runtime: Runtime): Room => ({
  controllers: [RepairsController],
  providers: [{ provide: REPAIRS, useValue: repairsOf(runtime) }],
});
