export * from './load.js';
export * from './orders.js';
export * from './system.js';
export * from './distributed.js';
