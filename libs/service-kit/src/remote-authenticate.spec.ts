import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TransientError } from '@throughline/kernel';
import { actionsOf } from './permissions.js';
import {
  PRINCIPAL_FRESH_MS,
  PRINCIPAL_STALE_MS,
  remoteAuthenticate,
} from './remote-authenticate.js';

const ANSWER = { id: '1', name: 'ann', actions: ['orders:read', 'moon:land'] };
const ANN = { id: '1', name: 'ann', actions: actionsOf([], ['orders:read']) };

/** An `access` of which the test says what it answers. */
let server: Server;
let asked: string[];
let answer: (request: IncomingMessage, reply: ServerResponse) => void;
let nowMs: number;
beforeEach(async () => {
  [asked, nowMs] = [[], 1_000_000];
  says(200, ANSWER);
  server = createServer((request, reply) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    answer(request, reply);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => server.close().closeAllConnections());

const says = (status: number, body?: object): void => {
  answer = (_, reply) => reply.writeHead(status).end(body && JSON.stringify(body));
};
const redirects = (): void => {
  answer = ({ url }, reply) =>
    url === '/elsewhere'
      ? reply.end(JSON.stringify(ANSWER))
      : reply.writeHead(302, { location: '/elsewhere' }).end();
};
const isAway = (): void => {
  answer = (request) => void request.destroy();
};
const open = () =>
  remoteAuthenticate({
    accessUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nowMs: () => nowMs,
  });

describe('asking access who holds a key', () => {
  it('hands the key on, and knows no actions but ours', async () => {
    expect(await open()('key')).toEqual(ANN);
    expect(asked).toEqual(['/v1/access/principal Bearer key']);
  });

  it('takes over what limits the key', async () => {
    const limits = {
      channels: ['web'],
      locations: ['leeds'],
      ratePerSecond: 5,
      expiresAt: '2026-11-01T00:00:00.000Z',
    };
    says(200, { ...ANSWER, ...limits });
    expect(await open()('key')).toEqual({ ...ANN, ...limits });
  });

  it('is done once for many requests, and again when the answer is old', async () => {
    const authenticate = open();
    await Promise.all(Array.from({ length: 20 }, () => authenticate('key')));
    nowMs += PRINCIPAL_FRESH_MS - 1;
    await authenticate('key');
    expect(asked).toHaveLength(1);
    nowMs += 1;
    await authenticate('key');
    expect(asked).toHaveLength(2);
  });

  it('notices a revoked key within that time, and forgets it for good', async () => {
    const authenticate = open();
    await authenticate('key');
    says(401);
    nowMs += PRINCIPAL_FRESH_MS;
    expect(await authenticate('key')).toBeUndefined();
    isAway();
    nowMs += 60_000;
    await expect(authenticate('key')).rejects.toThrow(TransientError);
  });

  it('does not go on and on about a key that nobody holds', async () => {
    says(401);
    const authenticate = open();
    for (let tries = 0; tries < 5; tries += 1) expect(await authenticate('key')).toBeUndefined();
    expect(asked).toHaveLength(1);
    says(200, ANSWER);
    nowMs += 3_000;
    expect(await authenticate('key')).toEqual(ANN);
  });

  it('ends a key at its hour, whatever is known of it', async () => {
    says(200, { ...ANSWER, expiresAt: new Date(nowMs + 2).toISOString() });
    const authenticate = open();
    expect(await authenticate('key')).toBeDefined();
    isAway();
    nowMs += 2;
    expect(await authenticate('key')).toBeUndefined();
  });
});

describe('while access is away', () => {
  it.each([
    ['hangs up', isAway],
    ['has a fault', () => says(500)],
    ['is not ready', () => says(503)],
    ['tells nonsense', () => says(200, { id: 1 })],
    ['sends us elsewhere', redirects],
    ['does not answer', () => (answer = () => undefined)],
  ])('because it %s, known keys work and new ones wait', async (_, happens) => {
    const authenticate = open();
    await authenticate('known');
    happens();
    nowMs += PRINCIPAL_FRESH_MS;
    expect(await authenticate('known')).toEqual(ANN);
    await expect(authenticate('new')).rejects.toThrow(TransientError);
    nowMs += PRINCIPAL_STALE_MS - PRINCIPAL_FRESH_MS;
    await expect(authenticate('known')).rejects.toThrow(TransientError);
  });

  it('it is asked now and then, not by every request, and trusted again at once', async () => {
    const authenticate = open();
    await authenticate('known');
    says(503);
    nowMs += PRINCIPAL_FRESH_MS;
    for (let tries = 0; tries < 5; tries += 1) await authenticate('known');
    expect(asked).toHaveLength(2);
    says(200, { ...ANSWER, name: 'bob' });
    nowMs += 1_000;
    expect(await authenticate('known')).toEqual({ ...ANN, name: 'bob' });
  });

  it('a clock that was set back keeps no key alive', async () => {
    const authenticate = open();
    await authenticate('known');
    isAway();
    nowMs -= 3_600_000;
    await expect(authenticate('known')).rejects.toThrow(TransientError);
  });
});
