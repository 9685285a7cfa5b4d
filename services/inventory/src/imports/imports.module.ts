import type { Runtime } from '@throughline/service-kit';
import type { Catalog } from '../catalog/catalog.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Room } from '../room.js';
import { IMPORTS_QUERY, ImportsController, INTAKE } from './imports.controller.js';
import { importRuns } from './imports.process.js';
import { importsQuery } from './imports.query.js';
import { intakeOf } from './intake.js';
import { itemCarrier } from './item-rows.js';
import { stockCarrier } from './stock-rows.js';

export const importsRoom = (runtime: Runtime, ledger: Ledger, catalog: Catalog): Room => {
  const { database } = runtime;
  const stock = stockCarrier(ledger, database);
  const items = itemCarrier(catalog, database);
  return {
    controllers: [ImportsController],
    providers: [
      { provide: INTAKE, useValue: intakeOf(runtime) },
      { provide: IMPORTS_QUERY, useValue: importsQuery(database) },
    ],
    tasks: [importRuns(runtime, { stock, items })],
  };
};
