// A Kafka for the specs that ask for one. Jest may run specs in processes of their own, so they ask over HTTP;
// the first one that does pays for the start, and all get the same broker.
import { createServer } from 'node:http';
import { join } from 'node:path';

const say = (text) => process.stderr.write(`${text}\n`);

/** Answers where to ask (`url`) and how to end it (`stop`). */
export const offerKafka = async (folder) => {
  let broker;
  let started;

  const start = async () => {
    const { brokerSource, KafkaBroker } = await import('../../libs/kafka-broker/dist/index.js');
    const source = await brokerSource();
    if (source.from === 'given') return { brokers: source.brokers };
    if (source.from === 'nowhere') {
      say(`\n*** SKIPPED: every spec that needs Kafka. ${source.reason} ***\n`);
      return {};
    }
    try {
      broker = await KafkaBroker.start({
        folder: join(folder, 'kafka'),
        runtime: source.from,
        say,
      });
      return { brokers: [broker.address] };
    } catch (error) {
      if (process.env.CI)
        return { error: `No Kafka, although ${source.from} is there: ${error.message}` };
      say(`\n*** SKIPPED: every spec that needs Kafka. ${error.message} ***\n`);
      return {};
    }
  };

  const server = createServer(async (request, response) => {
    started ??= start().catch((error) => ({ error: String(error) }));
    response.end(JSON.stringify(await started));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await started;
      await broker?.stop();
    },
  };
};
