import { randomBytes, randomUUID } from 'node:crypto';
import { orderBodies } from '@throughline/bench';
import { request, type Dispatcher } from 'undici';
import type { Client } from './crowd.js';

const JUNK = JSON.stringify({ junk: 'x'.repeat(1_000_000) });

type Greedy = {
  readonly name: string;
  readonly ask: (key: string) => {
    readonly method?: Dispatcher.HttpMethod;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
};

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const JSON_BODY = { 'content-type': 'application/json' };
const invented = (): string =>
  `tl_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}`;
const nextOrder = orderBodies(randomUUID(), 3);

const GREEDY: readonly Greedy[] = [
  { name: 'no key', ask: () => ({ path: '/v1/orders' }) },
  { name: 'invented keys', ask: () => ({ path: '/v1/orders', headers: bearer(invented()) }) },
  {
    name: 'tokens of the future without a key',
    ask: () => ({
      path: '/v1/orders',
      headers: { 'consistency-token': 'order-capture:999999999999' },
    }),
  },
  {
    name: 'large bodies without a key',
    ask: () => ({ method: 'POST', path: '/v1/orders', headers: JSON_BODY, body: JUNK }),
  },
  {
    name: 'large bodies with a key',
    ask: (key) => ({
      method: 'POST',
      path: '/v1/orders',
      headers: { ...JSON_BODY, ...bearer(key) },
      body: JUNK,
    }),
  },
  {
    name: 'long lists with a key',
    ask: (key) => ({ path: '/v1/orders?limit=200', headers: bearer(key) }),
  },
  {
    name: 'orders with a key',
    ask: (key) => ({
      method: 'POST',
      path: '/v1/orders',
      headers: { ...JSON_BODY, ...bearer(key) },
      body: nextOrder(),
    }),
  },
  {
    name: 'live streams with a key',
    ask: (key) => ({ path: '/v1/orders/stream', headers: bearer(key) }),
  },
];

/** Asks again as soon as it is answered, whatever the answer. */
const run =
  ({ ask }: Greedy): Client['run'] =>
  async ({ origin }, key, count, signal) => {
    while (!signal.aborted) {
      const { path, ...options } = ask(key);
      try {
        const { statusCode, body } = await request(`${origin}${path}`, { ...options, signal });
        count(String(statusCode));
        for await (const part of body) if (part.length === 0) break;
      } catch {
        count('closed');
      }
    }
  };

/** Clients that take as much as they get. */
export const GREEDY_CLIENTS: readonly Client[] = GREEDY.map((greedy) => ({
  name: greedy.name,
  run: run(greedy),
}));
