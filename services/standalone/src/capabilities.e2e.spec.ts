import {
  CAPABILITIES,
  CATALOG,
  retire,
  run,
  tableOf,
  type Result,
} from '@throughline/capabilities';
import { connect, type Api } from '@throughline/cli';
import { TestSystem } from './system.fixtures.js';

/** The suite of `npm run capabilities`, on one system; times are printed and not judged. */
let system: TestSystem;
let api: Api;
let ended: ReadonlyMap<string, Result>;
const PREFIX = 'cap';
/** All tests, and the taking out of use, on a busy machine. */
const RUN_MS = 300_000;
const titles = new Map(CATALOG.map(({ id, title }) => [id, title]));

beforeAll(async () => {
  system = await TestSystem.start({ realKeys: true });
  await system.host.listen(0, '127.0.0.1');
  const url = await system.host.app.getUrl();
  const { key } = system;
  api = connect({ url, key, connections: 32, patienceMs: 30_000 });
  const installation = { url, key, api };
  const options = { prefix: PREFIX, scale: 'small' } as const;
  const { results, made } = await run(installation, CAPABILITIES, options);
  ended = new Map(results.map((result) => [result.id, result]));
  process.stdout.write(`${tableOf(results, CATALOG)}\n`);
  await retire(installation, made);
}, RUN_MS);
afterAll(async () => {
  await api.close();
  await system.stop();
});

it.each(CAPABILITIES.map(({ id }) => [id, titles.get(id)]))('%s: %s', (id) =>
  expect(ended.get(id!)!.failure).toBeUndefined(),
);

type Shown = {
  readonly open: boolean;
  readonly onHand: number;
  readonly reserved: number;
  readonly setAside: object;
};
const isSomewhere = ({ onHand, reserved, setAside }: Shown): boolean =>
  onHand + reserved + Object.keys(setAside).length > 0;

const all = async (path: string): Promise<Shown[]> => {
  const items: Shown[] = [];
  for await (const item of api.list<Shown>(path)) items.push(item);
  return items;
};

it('leaves nothing in use of what it made', async () => {
  const locations = await all('/v1/inventory/locations');
  expect(locations.length).toBeGreaterThan(50);
  expect(locations.filter(({ open }) => open)).toEqual([]);
  const stock = await all('/v1/inventory/stock');
  expect(stock.filter(isSomewhere)).toEqual([]);
  expect(await all('/v1/inventory/backorders')).toEqual([]);
  expect(await all('/v1/inventory/checks')).toEqual([]);
});
