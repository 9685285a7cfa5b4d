import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { ageingQuery } from './ageing.query.js';
import { overstockQuery } from './overstock.query.js';
import {
  AGEING_QUERY,
  OVERSTOCK_QUERY,
  REPORTS_CLOCK,
  ReportsController,
} from './reports.controller.js';

export const reportsRoom = ({ database, now }: Runtime): Room => ({
  controllers: [ReportsController],
  providers: [
    { provide: AGEING_QUERY, useValue: ageingQuery(database) },
    { provide: OVERSTOCK_QUERY, useValue: overstockQuery(database) },
    { provide: REPORTS_CLOCK, useValue: now },
  ],
});
