export { KAFKA_VERSION } from './assembly.js';
export * from './broker-source.js';
export * from './kafka-broker.js';
