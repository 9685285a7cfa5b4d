import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import type { Catalog } from './catalog.js';
import { catalogQuery } from './catalog.query.js';
import { CATALOG, CATALOG_QUERY, ItemsController } from './items.controller.js';
import { LocationsController } from './locations.controller.js';
import { unknownIds } from './known-ids.query.js';
import { locationTurns } from './locations.process.js';
import { UNKNOWN_IDS } from './unknown-ids.interceptor.js';

export const catalogRoom = ({ database }: Runtime, catalog: Catalog): Room => ({
  controllers: [ItemsController, LocationsController],
  providers: [
    { provide: CATALOG, useValue: catalog },
    { provide: CATALOG_QUERY, useValue: catalogQuery(database) },
    { provide: UNKNOWN_IDS, useValue: unknownIds(database) },
  ],
  tasks: [locationTurns(catalog)],
});
