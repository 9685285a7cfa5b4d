import type { Runtime } from '@throughline/service-kit';
import type { Ledger } from '../ledger/ledger.js';
import type { Room } from '../room.js';
import { knownGoods } from './known-goods.query.js';
import {
  KNOWN_GOODS,
  SUPPLIES,
  SUPPLIES_QUERY,
  SuppliesController,
  SUPPLY_MOVES,
} from './supplies.controller.js';
import { suppliesOf } from './supplies.js';
import { suppliesQuery } from './supplies.query.js';
import { supplyMovesOf } from './supply-moves.js';

export const supplyRoom = (runtime: Runtime, ledger: Ledger): Room => {
  const { database } = runtime;
  const query = suppliesQuery(database);
  return {
    controllers: [SuppliesController],
    providers: [
      { provide: SUPPLIES, useValue: suppliesOf(runtime) },
      { provide: SUPPLIES_QUERY, useValue: query },
      { provide: SUPPLY_MOVES, useValue: supplyMovesOf(ledger, database, query) },
      { provide: KNOWN_GOODS, useValue: knownGoods(database) },
    ],
  };
};
