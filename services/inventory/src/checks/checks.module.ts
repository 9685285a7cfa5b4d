import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { CHECK_SKUS, ChecksController } from './checks.controller.js';
import { ledgerWatch } from './checks.process.js';
import { checkSkus } from './checks.query.js';

export const checksRoom = ({ database, logger }: Runtime): Room => {
  const look = (after: string) => checkSkus(database, after);
  return {
    controllers: [ChecksController],
    providers: [{ provide: CHECK_SKUS, useValue: look }],
    tasks: [ledgerWatch(look, logger)],
  };
};
