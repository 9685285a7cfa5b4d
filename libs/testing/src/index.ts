export * from './database.js';
export * from './decider-spec.js';
export * from './service-harness.js';
export * from './until.js';
export * from './faulty-network.js';
export * from './kafka.js';
