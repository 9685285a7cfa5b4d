import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { CHECK_SKUS, ChecksController } from './checks.controller.js';
import { ledgerWatch } from './checks.process.js';
import { checkSkus } from './checks.query.js';

export const checksRoom = ({ database, logger, now }: Runtime): Room => {
  const look = (after: string) => checkSkus(database, after, now());
  return {
    controllers: [ChecksController],
    providers: [{ provide: CHECK_SKUS, useValue: look }],
    tasks: [ledgerWatch(look, logger)],
  };
};
