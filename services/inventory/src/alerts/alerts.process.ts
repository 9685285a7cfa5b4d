import type { Task } from '@throughline/service-kit';
import { gauge, onScrape } from '@throughline/telemetry';
import type { AlertsQuery } from './alerts.query.js';

const COUNT_EVERY_MS = 10_000;
/** A process that no longer counts says nothing more: another one does by now. */
const FORGOTTEN_AFTER_MS = 3 * COUNT_EVERY_MS;

const belowBuffer = gauge(
  { name: 'oms_inventory_below_buffer', help: 'Shelves with no more free than their safety stock' },
  ['service'],
);
const labels = { service: 'inventory' };
let countedAt = -Infinity;
onScrape(() => {
  if (performance.now() - countedAt > FORGOTTEN_AFTER_MS) belowBuffer.remove(labels);
});

/** Keeps the gauge of open buffer alerts. */
export const alertsGauge = (alerts: Pick<AlertsQuery, 'count'>): Task => ({
  name: 'count-buffer-alerts',
  everyMs: COUNT_EVERY_MS,
  run: async () => {
    belowBuffer.set(labels, await alerts.count());
    countedAt = performance.now();
  },
});
