// One real Postgres for the whole test run; each test makes databases of its own on it. One Kafka, if asked for.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../build/build.mjs';
import { offerKafka } from './kafka.mjs';

export default async () => {
  const { EmbeddedServer, holdFolder } = await import('../../libs/postgres/dist/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  // Crash safety has tests of its own; here the disk need not be waited for.
  const server = await EmbeddedServer.start(holdFolder(folder, 'npm test'), {
    settings: ['fsync=off', 'shared_buffers=128MB'],
  });
  process.env.TEST_POSTGRES_URL = server.connectionString;
  const kafka = await offerKafka(folder);
  process.env.TEST_KAFKA_URL = kafka.url;
  globalThis.throughlineTest = { server, kafka, folder };
};
