export * from './codec.js';
export * from './command-handler.js';
export * from './event-store.js';
export * from './event-store-db.js';
export * from './postgres-log.js';
