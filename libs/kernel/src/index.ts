export * from './decider.js';
export * from './errors.js';
export * from './gatherer.js';
export * from './ids.js';
export * from './instant.js';
export * from './money.js';
export * from './place.js';
export * from './pace.js';
