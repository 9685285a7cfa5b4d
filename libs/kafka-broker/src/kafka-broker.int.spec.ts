import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testBrokers } from '@throughline/testing';
import kafkajs from 'kafkajs';
import { isAssembled } from './assembly.js';
import { brokerAnswers } from './broker-answers.js';
import { KafkaBroker } from './kafka-broker.js';

// Where the broker of this run is not Java's, Kafka's programs may not be here, and this spec does not fetch them.
const isHere = (await testBrokers()) !== undefined && isAssembled();
const describeWithJava = isHere ? describe : describe.skip;
const MESSAGES = Array.from({ length: 100 }, (_, index) => `message ${index}`);
const LARGE = 'x'.repeat(5 * 1024 * 1024);

const clientOf = ({ address }: KafkaBroker) =>
  new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 20 },
  });

const write = async (broker: KafkaBroker, topic: string, values: readonly string[]) => {
  const producer = clientOf(broker).producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
};

/** Reads in a group of its own until it has as many messages as asked for. */
const read = async (broker: KafkaBroker, topic: string, count: number): Promise<string[]> => {
  const consumer = clientOf(broker).consumer({ groupId: `reads-${count}` });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: kafkajs.EachMessagePayload): Promise<void> => {
      values.push(String(message.value));
      if (values.length === count) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return values;
};

describeWithJava('a broker of our own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-kafka-'));
  let broker: KafkaBroker | undefined;
  afterAll(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves kafkajs, and goes on with its data where a kill has cut it off', async () => {
    broker = await KafkaBroker.start({ folder });
    const { address } = broker;
    const admin = clientOf(broker).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
    await admin.disconnect();
    await write(broker, 'kept', MESSAGES);
    expect(await read(broker, 'kept', MESSAGES.length)).toEqual(MESSAGES);

    await broker.kill();
    expect(await brokerAnswers(address)).toBe(false);
    broker = await KafkaBroker.start({ folder, port: Number(address.split(':')[1]) });
    expect(broker.address).toBe(address);

    await write(broker, 'kept', [LARGE]);
    expect(await read(broker, 'kept', MESSAGES.length + 1)).toEqual([...MESSAGES, LARGE]);
  });

  it('says why a second one cannot have the same data or the same port', async () => {
    const port = Number(broker!.address.split(':')[1]);
    const samePort = KafkaBroker.start({ folder: join(folder, 'other'), port });
    const sameFolder = KafkaBroker.start({ folder });
    await Promise.all([
      expect(samePort).rejects.toThrow(`Another program listens on port ${port}`),
      expect(sameFolder).rejects.toThrow(`Another Kafka (process ${broker!.pid}) works on`),
    ]);
  });
});
