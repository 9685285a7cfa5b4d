import { describeWithKafka } from '@throughline/testing';
import { busContract } from './bus.contract.fixtures.js';
import { kafkaWorld } from './bus-worlds.fixtures.js';

await describeWithKafka('on a real broker', (brokers) =>
  busContract('Kafka bus', (options) => kafkaWorld(brokers, options)),
);
