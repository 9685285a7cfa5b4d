import { once } from 'node:events';
import {
  createServer,
  request as send,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { BODY_BYTES_MAX, createLogger, EVERY_ACTION, Host } from '@throughline/service-kit';
import { SERVICES } from '@throughline/standalone';
import { exposition } from '@throughline/telemetry';
import { freshDatabaseUrl } from '@throughline/testing';
import { createGateway } from './gateway.js';
import { upstreamsOf } from './routes.js';

const PROXY = '198.51.100.7';
const KEY = { authorization: 'Bearer k' };
type Gateway = Awaited<ReturnType<typeof createGateway>>;

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** What came to the service. */
let arrived: (string | undefined)[] = [];

describe('the gateway', () => {
  let echo: Server;
  let gateway: Gateway;
  let endless: Server;
  const live: ServerResponse[] = [];
  beforeAll(async () => {
    echo = createServer((request, response) => {
      arrived.push(request.url);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.writeHead(201, {
          'Consistency-Token': 'routing:7',
          'content-type': 'application/json',
        });
        const { authorization, 'idempotency-key': key } = request.headers;
        const via = request.headers['x-forwarded-for'];
        const body = Buffer.concat(parts).toString();
        const paths = request.url === '/openapi.json' ? {} : undefined;
        response.end(JSON.stringify({ url: request.url, authorization, key, via, body, paths }));
      });
    });
    endless = createServer((_, response) => {
      live.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('begun');
    });
    const away = createServer();
    const awayUrl = await listening(away);
    await new Promise((resolve) => away.close(resolve));
    const urls = {
      ROUTING_URL: await listening(echo),
      PAYMENTS_URL: await listening(endless),
      SHIPPING_URL: awayUrl,
    };
    gateway = await createGateway({
      upstreams: upstreamsOf(SERVICES, urls),
      authenticate: async (bearer) =>
        bearer === 'k' ? { id: 'k', name: 'k', actions: EVERY_ACTION } : undefined,
      logger: createLogger('silent'),
      trustedProxies: [PROXY],
    });
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all(
      [echo, endless].map((server) => new Promise((resolve) => server.close(resolve))),
    );
  });

  it('leads a person with a browser on, without a key', async () => {
    const answer = await gateway.inject({ method: 'GET', url: '/', headers: { host: 'oms:8080' } });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha/,
    );
    expect(answer.body).toContain('curl -s http://oms:8080/v1/orders');
    // The description asks every service, most of which are away here.
    for (const [, path = ''] of answer.body.matchAll(/<a href="([^"]+)"/g))
      expect([path, (await gateway.inject(path)).statusCode]).not.toEqual([path, 404]);
    expect((await gateway.inject('/nothing')).statusCode).toBe(404);
  });

  it('passes requests and answers on as they are', async () => {
    const answer = await gateway.inject({
      method: 'POST',
      url: '/v1/routing/quotes?dry=1%20x',
      headers: {
        authorization: 'Bearer k',
        'idempotency-key': 'once',
        'content-type': 'application/json',
        'x-forwarded-for': '192.0.2.1, 203.0.113.9',
      },
      remoteAddress: PROXY,
      payload: '{"a": 1}',
    });
    expect([answer.statusCode, answer.headers['consistency-token'], answer.json()]).toEqual([
      201,
      'routing:7',
      {
        url: '/v1/routing/quotes?dry=1%20x',
        authorization: 'Bearer k',
        key: 'once',
        via: '203.0.113.9',
        body: '{"a": 1}',
      },
    ]);
  });

  it('passes a file on as it comes, larger than other bodies may be', async () => {
    const payload = 'x'.repeat(3 * BODY_BYTES_MAX);
    const answer = await gateway.inject({
      method: 'POST',
      url: '/v1/routing/files',
      headers: { ...KEY, 'content-type': 'text/csv' },
      payload,
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json().body).toHaveLength(payload.length);
  });

  it('counts what passes by its outcome, not by its address', async () => {
    await gateway.inject({ method: 'GET', url: '/v1/routing/decisions/o-1', headers: KEY });
    await gateway.inject({ method: 'GET', url: '/v1/shipments/s-1', headers: KEY });
    const body = await exposition();
    expect(body).toMatch(/^oms_http_requests_total\{service="gateway",.*status="201"\} [1-9]/m);
    expect(body).toMatch(/^oms_http_requests_total\{service="gateway",.*status="503"\} [1-9]/m);
    expect(body).not.toMatch(/o-1|s-1/);
  });

  it('answers for a service that is away with what a client may repeat', async () => {
    const answer = await gateway.inject({ url: '/v1/shipments', headers: KEY });
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().code]).toEqual([
      503,
      '1',
      'service-away',
    ]);
  });

  it('lets no stranger through, and takes nobody at their word for where they come from', async () => {
    arrived = [];
    const stranger = await gateway.inject({ url: '/v1/routing/decisions/o-1', payload: '{' });
    expect([stranger.statusCode, stranger.json().code]).toEqual([401, 'unauthorized']);
    const headers = { ...KEY, 'x-forwarded-for': '203.0.113.9' };
    const remoteAddress = '198.51.100.8';
    const answer = await gateway.inject({ url: '/v1/routing/quotes', headers, remoteAddress });
    expect(answer.json().via).toBe(remoteAddress);
    expect(arrived).toEqual(['/v1/routing/quotes']);
  });

  it('asks services for their descriptions once, however many readers there are', async () => {
    arrived = [];
    const read = () => gateway.inject('/openapi.json');
    for (const { statusCode } of await Promise.all([read(), read(), read()]))
      expect(statusCode).toBe(200);
    expect((await read()).statusCode).toBe(200);
    // Or not at all, where one read before has just asked.
    expect(arrived.length).toBeLessThanOrEqual(1);
  });

  it('holds no connection to a service for a body that is still to come', async () => {
    arrived = [];
    await gateway.listen(0, '127.0.0.1');
    const { port } = gateway.getHttpServer().address() as AddressInfo;
    const path = '/v1/routing/quotes';
    const headers = { ...KEY, 'content-type': 'application/json', 'content-length': 9 };
    const slow = send({ port, path, method: 'POST', headers });
    slow.write('{"a": ');
    const beside = await fetch(`http://127.0.0.1:${port}/v1/routing/beside`, { headers: KEY });
    expect(beside.status).toBe(201);
    expect(arrived).toEqual(['/v1/routing/beside']);
    slow.end('1}\n');
    const [response] = (await once(slow, 'response')) as [IncomingMessage];
    expect(await json(response)).toMatchObject({ body: '{"a": 1}\n' });
  });

  it('takes a large body from who asks first whether it may come', async () => {
    const { port } = gateway.getHttpServer().address() as AddressInfo;
    const payload = JSON.stringify({ text: 'x'.repeat(1_500_000) });
    const headers = { ...KEY, 'content-type': 'application/json', expect: '100-continue' };
    const request = send({ port, path: '/v1/routing/quotes', method: 'POST', headers });
    request.flushHeaders();
    await once(request, 'continue');
    request.end(payload);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    expect(await json(response)).toMatchObject({ body: payload });
  });

  it('passes on that a live answer ends, in order or not', async () => {
    const { port } = gateway.getHttpServer().address() as AddressInfo;
    for (const end of ['end', 'destroy'] as const) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/payments/live`, { headers: KEY });
      const reader = answer.body!.getReader();
      expect(Buffer.from((await reader.read()).value!).toString()).toBe('begun');
      live.at(-1)![end]();
      const rest = reader.read();
      if (end === 'end') expect((await rest).done).toBe(true);
      else await expect(rest).rejects.toThrow('terminated');
    }
  });

  it("says when an address is nobody's", async () => {
    const answer = await gateway.inject({ url: '/v1/nobody', headers: KEY });
    expect([answer.statusCode, answer.json().title]).toEqual([
      404,
      'There is nothing at /v1/nobody',
    ]);
  });
});

/** Every route of every service must be reachable through the gateway, at the service that serves it. */
describe('the paths of a service', () => {
  it.each(SERVICES.map((definition) => [definition.name, definition] as const))(
    'of %s cover all that it serves',
    async (_, definition) => {
      const host = await Host.create({
        definitions: [definition],
        connectionString: await freshDatabaseUrl(),
        logger: createLogger('silent'),
      });
      try {
        const { paths } = (await host.app.inject('/openapi.json')).json() as { paths: object };
        const own = Object.keys(paths).filter((path) => path.startsWith('/v1'));
        expect(own.length).toBeGreaterThan(0);
        const lost = own.filter(
          (path) => !definition.paths.some((prefix) => path.startsWith(prefix)),
        );
        expect(lost).toEqual([]);
      } finally {
        await host.stop();
      }
    },
  );
});
