export { StoppedError } from './backoff.js';
export * from './dead-letters.js';
export * from './embedded-bus.js';
export * from './interleaving.js';
export * from './kafka-bus.js';
export * from './kafka-access.js';
export {
  KafkaConnection,
  type KafkaOptions,
  type KafkaSasl,
  type KafkaTls,
} from './kafka-connection.js';
export { MESSAGE_BYTES_MAX } from './kafka-messages.js';
export * from './kafka-topics.js';
export * from './message-bus.js';
export { BUS_MIGRATIONS, type ParkedMessage, type RawMessage } from './parking.js';
export * from './record.js';
export * from './relay.js';
export { UnknownReaderError, type Republished, type RepublishRequest } from './republish.js';
export { STREAM_KEY } from './unreadable-events.js';
