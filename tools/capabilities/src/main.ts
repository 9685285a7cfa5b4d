import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, temporaryFolder } from '@throughline/bench';
import { keyOf, openSession, say } from '@throughline/cli';
import { runProgram } from '@throughline/service-kit';
import { capabilityArguments, USAGE, type CapabilityArguments } from './arguments.js';
import type { Installation } from './caller.js';
import { CATALOG } from './catalog.js';
import { pageOf } from './page.js';
import { retire } from './retire.js';
import { run } from './run.js';
import { CAPABILITIES } from './suite.js';
import { summaryOf, tableOf } from './table.js';

const PAGE = join(import.meta.dirname, '../../../docs/capabilities.md');
const CONNECTIONS = 32;
const PATIENCE_MS = 30_000;
const TESTED = new Set(CAPABILITIES.map(({ id }) => id));

type Server = { readonly url: string; readonly key?: string; readonly dataDir: string };
type Only = CapabilityArguments['only'];

/** Tests a system; what was made there stays in use unless it `goesOn` afterwards. */
const test = async (server: Server, only: Only, goesOn: boolean): Promise<number> => {
  const session = { ...server, connections: CONNECTIONS };
  const api = await openSession(session, undefined, PATIENCE_MS);
  const installation: Installation = { url: server.url, key: keyOf(server), api };
  const wanted = CAPABILITIES.filter(({ id }) => only?.has(id) ?? true);
  const prefix = `cap-${Date.now().toString(36)}`;
  say(
    `${wanted.length} capabilities against ${server.url}; all that is made begins with ${prefix}`,
  );
  try {
    const { results, made } = await run(installation, wanted, { prefix, scale: 'full' });
    say(`\n${tableOf(results, CATALOG)}\n\n${summaryOf(results, CATALOG, TESTED)}`);
    if (goesOn) await retire(installation, made);
    return results.every(({ failure }) => failure === undefined) ? 0 : 1;
  } finally {
    await api.close();
  }
};

const testOwn = async ({ port, only }: CapabilityArguments): Promise<number> => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const system = await startSystem(port, dataDir);
  try {
    return await test({ url: system.origin, key: system.key, dataDir }, only, false);
  } finally {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

await runProgram(async () => {
  const given = capabilityArguments(process.argv.slice(2), TESTED);
  if (given === 'help') return say(USAGE);
  if (given.page) return writeFileSync(PAGE, pageOf(CAPABILITIES));
  const { url, key, dataDir, only } = given;
  process.exitCode =
    url === undefined
      ? await testOwn(given)
      : await test({ url, dataDir, ...(key !== undefined && { key }) }, only, true);
});
