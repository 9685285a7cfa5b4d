export * from './any-broker.js';
export { isAssembled, KAFKA_VERSION, whyNotAssembled, type Say } from './assembly.js';
export { brokerAnswers } from './broker-answers.js';
export * from './kafka-broker.js';
