import { startEventStoreDouble } from './event-store-double.js';

/** The double as a process: `PORT=2113 node libs/testing/dist/event-store-double/main.js`. */
const double = await startEventStoreDouble(Number(process.env['PORT'] ?? 2113));
process.stdout.write(`${double.connectionString}\n`);
