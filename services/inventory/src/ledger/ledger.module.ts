import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { fulfillmentConsumer } from './fulfillment.consumer.js';
import type { Ledger } from './ledger.js';
import { LEDGER, MOVEMENTS_QUERY, MovementsController } from './movements.controller.js';
import { movementsQuery } from './movements.query.js';
import { offerExpiry, queueLookThrough } from './offers.process.js';
import { returnConsumer } from './return.consumer.js';
import { sourcingConsumer } from './sourcing.consumer.js';

export const ledgerRoom = ({ database, now }: Runtime, ledger: Ledger): Room => ({
  controllers: [MovementsController],
  providers: [
    { provide: LEDGER, useValue: ledger },
    { provide: MOVEMENTS_QUERY, useValue: movementsQuery(database) },
  ],
  consumers: [sourcingConsumer(ledger), fulfillmentConsumer(ledger), returnConsumer(ledger)],
  tasks: [offerExpiry(ledger, database, now), queueLookThrough(ledger, database)],
});
