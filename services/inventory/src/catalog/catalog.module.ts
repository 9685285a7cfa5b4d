import type { Runtime } from '@throughline/service-kit';
import type { Room } from '../room.js';
import type { Catalog } from './catalog.js';
import { catalogQuery } from './catalog.query.js';
import { CATALOG, CATALOG_QUERY, ItemsController } from './items.controller.js';
import { LocationsController } from './locations.controller.js';
import { locationTurns } from './locations.process.js';

export const catalogRoom = ({ database }: Runtime, catalog: Catalog): Room => ({
  controllers: [ItemsController, LocationsController],
  providers: [
    { provide: CATALOG, useValue: catalog },
    { provide: CATALOG_QUERY, useValue: catalogQuery(database) },
  ],
  tasks: [locationTurns(catalog)],
});
