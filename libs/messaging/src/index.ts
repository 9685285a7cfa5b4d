export * from './delivery.js';
export * from './embedded-bus.js';
export * from './interleaving.js';
export * from './message-bus.js';
export * from './parking.js';
export * from './positions.js';
