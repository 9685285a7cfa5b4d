export * from './database.js';
export * from './migrate.js';
export * from './embedded-server.js';
export * from './lease.js';
export * from './pending-migrations.js';
export * from './timestamp.js';
export * from './held-folder.js';
export * from './reachable.js';
export { behindRequests } from './turns.js';
