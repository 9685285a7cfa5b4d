import { defineService } from '@throughline/service-kit';
import { alertsRoom } from './alerts/alerts.module.js';
import { availabilityRoom } from './availability/availability.module.js';
import { catalogOf } from './catalog/catalog.js';
import { catalogRoom } from './catalog/catalog.module.js';
import { catalogPublisher } from './catalog/catalog.publisher.js';
import { checksRoom } from './checks/checks.module.js';
import { holdsRoom } from './holds/holds.module.js';
import { importsRoom } from './imports/imports.module.js';
import { availabilityPublisher } from './ledger/availability.publisher.js';
import { ledgerOf } from './ledger/ledger.js';
import { ledgerRoom } from './ledger/ledger.module.js';
import { reservationPublisher } from './ledger/reservation.publisher.js';
import { bufferPublisher, safetyStockPublisher } from './ledger/shelf.publisher.js';
import { listingPublisher } from './listings/listing.publisher.js';
import { listingsRoom } from './listings/listings.module.js';
import { queueRoom } from './queue/queue.module.js';
import { repairPublisher } from './repairs/repair.publisher.js';
import { repairsRoom } from './repairs/repairs.module.js';
import { reportsRoom } from './reports/reports.module.js';
import { stockRoom } from './stock/stock.module.js';
import { supplyRoom } from './supply/supply.module.js';

/** Knows what lies where, whose it is and who waits for it, and never promises a unit twice. */
export const inventory = defineService({
  name: 'inventory',
  schema: 'inventory',
  paths: ['/v1/inventory'],
  migrations: new URL('../migrations', import.meta.url),
  keepsLedger: true,
  publishers: [
    reservationPublisher,
    availabilityPublisher,
    catalogPublisher,
    safetyStockPublisher,
    bufferPublisher,
    listingPublisher,
    repairPublisher,
  ],
  build: (runtime) => {
    const ledger = ledgerOf(runtime);
    const catalog = catalogOf(runtime);
    const rooms = [
      catalogRoom(runtime, catalog),
      ledgerRoom(runtime, ledger),
      holdsRoom(runtime, ledger),
      queueRoom(runtime),
      stockRoom(runtime),
      supplyRoom(runtime, ledger),
      availabilityRoom(runtime),
      listingsRoom(runtime),
      alertsRoom(runtime),
      reportsRoom(runtime),
      importsRoom(runtime, ledger, catalog),
      checksRoom(runtime),
      repairsRoom(runtime),
    ];
    return {
      module: {
        module: class InventoryModule {},
        controllers: rooms.flatMap(({ controllers }) => controllers),
        providers: rooms.flatMap(({ providers }) => providers),
      },
      consumers: rooms.flatMap(({ consumers = [] }) => consumers),
      projections: [],
      tasks: rooms.flatMap(({ tasks = [] }) => tasks),
    };
  },
});
