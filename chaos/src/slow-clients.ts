import { connect } from 'node:net';
import type { Client } from './crowd.js';

const DRIP_MS = 1_000;
const AGAIN_MS = 50;
const PIPELINED = 50;

type Slow = {
  readonly name: string;
  readonly begins: (key: string) => readonly string[];
  /** What comes once a second. */
  readonly drip?: string;
  readonly reads?: false;
};

const head = (method: string, path: string, ...headers: readonly string[]): readonly string[] => [
  `${method} ${path} HTTP/1.1`,
  'host: crowd',
  ...headers,
];
const bearer = (key: string): string => `authorization: Bearer ${key}`;
const BODY_TO_COME = ['content-type: application/json', 'content-length: 1000000', '', '{'];
const FILE = ['content-type: text/csv', 'transfer-encoding: chunked', ''];
const COLUMNS = 'sku,locationId,quantity\r\n';
const ROW = 'SKU-1,daventry,1\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const SLOW: readonly Slow[] = [
  { name: 'says nothing', begins: () => [] },
  { name: 'headers without end', begins: () => head('GET', '/v1/orders', ''), drip: 'x: y\r\n' },
  {
    name: 'body without a key',
    begins: () => head('POST', '/v1/orders', ...BODY_TO_COME),
    drip: ' ',
  },
  {
    name: 'body with a key',
    begins: (key) => head('POST', '/v1/orders', bearer(key), ...BODY_TO_COME),
    drip: ' ',
  },
  {
    name: 'file with a key',
    begins: (key) => [
      ...head('POST', '/v1/inventory/imports?mode=add', bearer(key), ...FILE),
      chunk(COLUMNS),
    ],
    drip: chunk(ROW),
  },
  {
    name: 'asks and never reads',
    begins: (key) =>
      Array.from({ length: PIPELINED }, () => [
        ...head('GET', '/v1/orders?limit=200', bearer(key)),
        '',
      ]).flat(),
    reads: false,
  },
];

/** Keeps a connection busy with next to nothing, and comes back when it is closed. */
const run =
  ({ begins, drip, reads }: Slow): Client['run'] =>
  ({ hostname, port }, key, count, signal) => {
    const again = (): void => {
      if (signal.aborted) return;
      const socket = connect(Number(port), hostname);
      let text = '';
      let dripping: NodeJS.Timeout | undefined;
      socket.on('connect', () => {
        socket.write(begins(key).join('\r\n'));
        if (drip) dripping = setInterval(() => socket.write(drip), DRIP_MS);
      });
      if (reads !== false) socket.on('data', (part) => (text += part));
      socket.on('error', () => undefined);
      const end = (): void => void socket.destroy();
      signal.addEventListener('abort', end);
      socket.on('close', () => {
        clearInterval(dripping);
        signal.removeEventListener('abort', end);
        count(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'closed');
        setTimeout(again, AGAIN_MS);
      });
    };
    again();
  };

/** Clients that occupy what they can by being slow. */
export const SLOW_CLIENTS: readonly Client[] = SLOW.map((slow) => ({
  name: slow.name,
  run: run(slow),
}));
