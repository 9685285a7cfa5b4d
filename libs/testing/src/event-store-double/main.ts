import { startEventStoreDouble } from './event-store-double.js';

/** The double as a process: `PORT=2113 node libs/testing/dist/event-store-double/main.js`. */
// A server takes every variable of this beginning for an option of its own, and starts with none that it does not know.
if (process.env['EVENTSTORE_URL'] !== undefined) {
  process.stderr.write('The option "Url" is not a known option.\n');
  process.exit(1);
}
const double = await startEventStoreDouble(Number(process.env['PORT'] ?? 2113));
process.stdout.write(`${double.connectionString}\n`);
