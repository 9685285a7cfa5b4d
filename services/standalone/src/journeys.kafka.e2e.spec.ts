import { describeWithKafka, startDouble, type EventStoreDouble } from '@throughline/testing';
import { journeys } from './journeys.fixtures.js';
import { TestSystem } from './system.fixtures.js';

await describeWithKafka('on Kafka', (brokers) => {
  describe('and the log in Postgres', () => journeys(() => TestSystem.start({ brokers })));

  describe('and EventStoreDB (its double)', () => {
    let double: EventStoreDouble;
    afterAll(() => double.stop());
    journeys(async () => {
      double = await startDouble();
      return TestSystem.start({ brokers, eventStoreUrl: double.connectionString });
    });
  });
});
