import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilityArguments } from './arguments.js';
import { CATALOG } from './catalog.js';
import { pageOf } from './page.js';
import { unsent } from './run.js';
import { CAPABILITIES } from './suite.js';

const ids = CAPABILITIES.map(({ id }) => id);

describe('the suite', () => {
  it('has one test at most for each entry of the catalogue', () => {
    expect(new Set(ids).size).toBe(ids.length);
    const known = CATALOG.map(({ id }) => id);
    expect(known).toEqual(Array.from({ length: 187 }, (_, index) => `C${index + 1}`));
    expect(ids.filter((id) => !known.includes(id))).toEqual([]);
  });

  it('is what docs/capabilities.md says: else run `npm run capabilities -- --page`', () => {
    const file = join(import.meta.dirname, '../../../docs/capabilities.md');
    expect(readFileSync(file, 'utf8')).toBe(pageOf(CAPABILITIES));
  });
});

describe('the requests that show a capability', () => {
  const sent = new Set(['POST /v1/orders', 'GET /v1/orders/o-1', 'npm run reconcile']);

  it('have all been sent by its test', () =>
    expect(
      unsent(['POST /v1/orders', 'GET /v1/orders/{id}', 'npm run reconcile'], sent),
    ).toBeUndefined());

  it.each(['GET /v1/orders', 'GET /v1/orders/{id}/events', 'PUT /v1/orders'])(
    'are named where one was not sent: %s',
    (request) => expect(unsent([request], sent)).toBe(`the test did not send ${request}`),
  );
});

describe('the command line', () => {
  const known = new Set(['C1', 'C33']);

  it('starts a system where none is named', () =>
    expect(capabilityArguments([], known)).toEqual({
      url: undefined,
      key: undefined,
      dataDir: 'data',
      port: 8097,
      only: undefined,
      page: false,
    }));

  it('takes a system and some of the ids', () =>
    expect(
      capabilityArguments(['--url', 'http://oms:8080', '--key', 'k', '--only', 'C1,C33'], known),
    ).toMatchObject({ url: 'http://oms:8080', key: 'k', only: known }));

  it.each([
    [['--only', 'C2'], 'No test for C2'],
    [['--url', 'oms'], '--url must be an address'],
    [['--port', '0'], '--port must be a whole number'],
    [['--wrong'], "Unknown option '--wrong'"],
  ])('refuses %s', (argv, message) =>
    expect(() => capabilityArguments(argv, known)).toThrow(message),
  );
});
