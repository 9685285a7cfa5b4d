import type { Runtime } from '@throughline/service-kit';
import type { Ledger } from '../ledger/ledger.js';
import type { Room } from '../room.js';
import { HOLDS, HOLDS_CLOCK, HoldsController, PLACES } from './holds.controller.js';
import { expireDue, holdExpiry } from './holds.process.js';
import { holdsOf } from './holds.js';
import { orderConsumer } from './order.consumer.js';
import { placesQuery } from './places.query.js';

export const holdsRoom = ({ database, now }: Runtime, ledger: Ledger): Room => {
  const places = placesQuery(database);
  const expire = expireDue(ledger, database, now);
  return {
    controllers: [HoldsController],
    providers: [
      { provide: HOLDS, useValue: holdsOf(ledger, places, expire) },
      { provide: PLACES, useValue: places },
      { provide: HOLDS_CLOCK, useValue: now },
    ],
    consumers: [orderConsumer(ledger)],
    tasks: [holdExpiry(expire)],
  };
};
