import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import { ALERTS_QUERY, AlertsController } from './alerts.controller.js';
import { alertsGauge } from './alerts.process.js';
import { alertsQuery } from './alerts.query.js';

export const alertsRoom = ({ database }: Runtime): Room => {
  const alerts = alertsQuery(database);
  return {
    controllers: [AlertsController],
    providers: [{ provide: ALERTS_QUERY, useValue: alerts }],
    tasks: [alertsGauge(alerts)],
  };
};
