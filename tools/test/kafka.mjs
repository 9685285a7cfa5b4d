// A Kafka for the specs that ask for one. Jest may run specs in processes of their own, so they ask over HTTP;
// the first one that does pays for the start, and all get the same broker.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const WAITING_EVERY_MS = 20_000;
const say = (text) => process.stderr.write(`${text}\n`);

/** Who may log in: a principal per service, and an admin. Without `openssl` there are no certificates, and no one may. */
const securityOf = () => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const services = readdirSync(join(import.meta.dirname, '../../services'));
  const names = [...services, 'migrate'].map((name) => `throughline-${name}`);
  const users = Object.fromEntries(['admin', ...names].map((name) => [name, `secret-of-${name}`]));
  return { users, admin: 'admin' };
};

/** Answers where to ask (`url`) and how to end it (`stop`). */
export const offerKafka = async (folder) => {
  let broker;
  let started;

  const start = async () => {
    const { anyBroker, NoKafkaError } = await import('../../libs/kafka-broker/dist/index.js');
    try {
      const kafka = await anyBroker({ folder: join(folder, 'kafka'), say, security: securityOf() });
      broker = kafka.broker;
      return { brokers: kafka.brokers, secured: broker?.secured };
    } catch (error) {
      const isMissing = error instanceof NoKafkaError;
      // Where Kafka could have been started, a run that must prove something does not go on without it.
      if (!isMissing && process.env.CI === 'true') return { error: error.message };
      say(`\n*** SKIPPED: every spec that needs Kafka. ${error.message} ***\n`);
      return {};
    }
  };

  const server = createServer(async (request, response) => {
    started ??= start().catch((error) => ({ error: String(error) }));
    // A first start may fetch Kafka for minutes; a client that hears nothing for five gives up.
    const waiting = setInterval(() => response.write(' '), WAITING_EVERY_MS);
    response.flushHeaders();
    const answer = await started;
    clearInterval(waiting);
    response.end(JSON.stringify(answer));
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
