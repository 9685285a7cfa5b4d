import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { STOCK_CLOCK, STOCK_QUERY, StockController } from './stock.controller.js';
import { stockQuery } from './stock.query.js';

export const stockRoom = ({ database, now }: Runtime): Room => ({
  controllers: [StockController],
  providers: [
    { provide: STOCK_QUERY, useValue: stockQuery(database) },
    { provide: STOCK_CLOCK, useValue: now },
  ],
});
