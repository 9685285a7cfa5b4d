import { defineService } from '@throughline/service-kit';
import {
  AVAILABILITY_CLOCK,
  AVAILABILITY_QUERY,
  AvailabilityController,
} from './availability/availability.controller.js';
import { availabilityQuery } from './availability/availability.query.js';
import { catalogOf } from './catalog/catalog.js';
import { catalogPublisher } from './catalog/catalog.publisher.js';
import { catalogQuery } from './catalog/catalog.query.js';
import { CATALOG, CATALOG_QUERY, ItemsController } from './catalog/items.controller.js';
import { LocationsController } from './catalog/locations.controller.js';
import { locationTurns } from './catalog/locations.process.js';
import { CHECK_SKUS, ChecksController } from './checks/checks.controller.js';
import { ledgerWatch } from './checks/checks.process.js';
import { checkSkus } from './checks/checks.query.js';
import { HOLDS, HOLDS_CLOCK, HoldsController, PLACES } from './holds/holds.controller.js';
import { expireDue, holdExpiry } from './holds/holds.process.js';
import { holdsOf } from './holds/holds.js';
import { placesQuery } from './holds/places.query.js';
import { IMPORTS_QUERY, ImportsController, INTAKE } from './imports/imports.controller.js';
import { importRuns } from './imports/imports.process.js';
import { importsQuery } from './imports/imports.query.js';
import { intakeOf } from './imports/intake.js';
import { itemCarrier } from './imports/item-rows.js';
import { stockCarrier } from './imports/stock-rows.js';
import { availabilityPublisher } from './ledger/availability.publisher.js';
import { fulfillmentConsumer } from './ledger/fulfillment.consumer.js';
import { ledgerOf } from './ledger/ledger.js';
import { LEDGER, MOVEMENTS_QUERY, MovementsController } from './ledger/movements.controller.js';
import { movementsQuery } from './ledger/movements.query.js';
import { offerExpiry, queueLookThrough } from './ledger/offers.process.js';
import { reservationPublisher } from './ledger/reservation.publisher.js';
import { returnConsumer } from './ledger/return.consumer.js';
import { bufferPublisher, safetyStockPublisher } from './ledger/shelf.publisher.js';
import { sourcingConsumer } from './ledger/sourcing.consumer.js';
import { listingConsumer } from './listings/listing.consumer.js';
import { listingPublisher } from './listings/listing.publisher.js';
import { LISTINGS, LISTINGS_QUERY, ListingsController } from './listings/listings.controller.js';
import { dueListings, listingsLookThrough } from './listings/listings.process.js';
import { listingsQuery } from './listings/listings.query.js';
import { listingsOf } from './listings/listings.js';
import { tellerOf } from './listings/telling.js';
import { backordersQuery } from './queue/backorders.query.js';
import { BACKORDERS_QUERY, QueueController, RESERVATIONS_QUERY } from './queue/queue.controller.js';
import { reservationsQuery } from './queue/reservations.query.js';
import { STOCK_QUERY, StockController } from './stock/stock.controller.js';
import { stockQuery } from './stock/stock.query.js';
import { knownGoods } from './supply/known-goods.query.js';
import {
  KNOWN_GOODS,
  SUPPLIES,
  SUPPLIES_QUERY,
  SuppliesController,
  SUPPLY_MOVES,
} from './supply/supplies.controller.js';
import { suppliesOf } from './supply/supplies.js';
import { suppliesQuery } from './supply/supplies.query.js';
import { supplyMovesOf } from './supply/supply-moves.js';

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
  ],
  build: (runtime) => {
    const { database, logger, now } = runtime;
    const ledger = ledgerOf(runtime);
    const catalog = catalogOf(runtime);
    const tell = tellerOf(runtime);
    const places = placesQuery(database);
    const expire = expireDue(ledger, database, now);
    return {
      module: {
        module: class InventoryModule {},
        controllers: [
          ItemsController,
          LocationsController,
          MovementsController,
          StockController,
          QueueController,
          HoldsController,
          SuppliesController,
          AvailabilityController,
          ListingsController,
          ChecksController,
          ImportsController,
        ],
        providers: [
          { provide: CATALOG, useValue: catalog },
          { provide: CATALOG_QUERY, useValue: catalogQuery(database) },
          { provide: LEDGER, useValue: ledger },
          { provide: HOLDS, useValue: holdsOf(ledger, places, expire) },
          { provide: PLACES, useValue: places },
          { provide: HOLDS_CLOCK, useValue: now },
          { provide: MOVEMENTS_QUERY, useValue: movementsQuery(database) },
          { provide: STOCK_QUERY, useValue: stockQuery(database) },
          { provide: AVAILABILITY_QUERY, useValue: availabilityQuery(database) },
          { provide: AVAILABILITY_CLOCK, useValue: now },
          { provide: SUPPLIES, useValue: suppliesOf(runtime) },
          { provide: SUPPLIES_QUERY, useValue: suppliesQuery(database) },
          { provide: SUPPLY_MOVES, useValue: supplyMovesOf(ledger, database) },
          { provide: KNOWN_GOODS, useValue: knownGoods(database) },
          { provide: LISTINGS, useValue: listingsOf(runtime) },
          { provide: LISTINGS_QUERY, useValue: listingsQuery(database) },
          { provide: BACKORDERS_QUERY, useValue: backordersQuery(database) },
          { provide: RESERVATIONS_QUERY, useValue: reservationsQuery(database) },
          { provide: INTAKE, useValue: intakeOf(runtime) },
          { provide: IMPORTS_QUERY, useValue: importsQuery(database) },
          { provide: CHECK_SKUS, useValue: (after: string) => checkSkus(database, after) },
        ],
      },
      consumers: [
        sourcingConsumer(ledger),
        fulfillmentConsumer(ledger),
        returnConsumer(ledger),
        listingConsumer(tell),
      ],
      projections: [],
      tasks: [
        holdExpiry(expire),
        offerExpiry(ledger, database, now),
        queueLookThrough(ledger, database),
        locationTurns(catalog),
        dueListings(tell, database),
        listingsLookThrough(tell, database),
        importRuns(runtime, {
          stock: stockCarrier(ledger, database),
          items: itemCarrier(catalog, database),
        }),
        ledgerWatch((after) => checkSkus(database, after), logger),
      ],
    };
  },
});
