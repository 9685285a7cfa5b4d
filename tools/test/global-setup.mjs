// One real Postgres for the whole test run; each test makes databases of its own on it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../build/build.mjs';

export default async () => {
  const { EmbeddedServer } = await import('../../libs/postgres/dist/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  // Crash safety has tests of its own; here the disk need not be waited for.
  const server = await EmbeddedServer.start(folder, {
    settings: ['fsync=off', 'shared_buffers=128MB'],
  });
  process.env.TEST_POSTGRES_URL = server.connectionString;
  globalThis.throughlineTest = { server, folder };
};
