import { createServer } from 'node:net';
import { anyBroker, NoKafkaError } from './any-broker.js';
import { brokerAnswers } from './broker-answers.js';
import { dockerProgram } from './docker-program.js';

const say = (): void => undefined;

describe('where a Kafka comes from', () => {
  it('takes the brokers that are given', async () => {
    const kafka = await anyBroker(
      { folder: 'unused', say },
      { KAFKA_BROKERS: 'one:9092, two:9092,' },
    );
    expect(kafka).toEqual({ from: 'given', brokers: ['one:9092', 'two:9092'] });
  });

  it('says what is missing where there is neither Docker nor Java', async () => {
    const kafka = anyBroker({ folder: 'unused', say }, { PATH: '/nowhere' });
    await expect(kafka).rejects.toThrow(NoKafkaError);
    await expect(kafka).rejects.toThrow(
      'No Kafka: KAFKA_BROKERS is not set, no Docker engine answers, there is no Java (17 or newer)',
    );
  });

  it('tells the image of Docker the same settings, in its own words', () => {
    const { values } = dockerProgram('/data/kafka', { broker: 9092, controller: 9093 });
    expect(values).toEqual(
      expect.arrayContaining([
        '127.0.0.1:9092:9092',
        'KAFKA_NODE_ID=1',
        'KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093',
        'KAFKA_AUTO_CREATE_TOPICS_ENABLE=false',
        'KAFKA_LOG_DIRS=/var/lib/kafka/data',
      ]),
    );
  });
});

describe('whether a broker answers', () => {
  /** The answer to a Metadata request: size, correlation id, throttle time, number of brokers in service. */
  const answerWith = async (brokers: number): Promise<boolean> => {
    const answer = Buffer.alloc(16);
    answer.writeInt32BE(12, 0);
    answer.writeInt32BE(1, 4);
    answer.writeInt32BE(brokers, 12);
    const server = createServer((socket) => socket.once('data', () => socket.end(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      return await brokerAnswers(`127.0.0.1:${port}`);
    } finally {
      server.close();
    }
  };

  it('counts one in service', async () => expect(await answerWith(1)).toBe(true));
  it('does not count one that waits to be let in', async () =>
    expect(await answerWith(0)).toBe(false));
  it('does not count one that is not there', async () =>
    expect(await brokerAnswers('127.0.0.1:1')).toBe(false));
});
