export * from './load.js';
export * from './orders.js';
export * from './system.js';
export * from './distributed.js';
export * from './attempts.js';
export * from './keep-alive.js';
export * from './zipf.js';
