import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { BODY_BYTES_MAX, createLogger, Host } from '@throughline/service-kit';
import { SERVICES } from '@throughline/standalone';
import { freshDatabaseUrl } from '@throughline/testing';
import { createGateway } from './gateway.js';
import { upstreamsOf } from './routes.js';

type Gateway = Awaited<ReturnType<typeof createGateway>>;

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('the gateway', () => {
  let echo: Server;
  let gateway: Gateway;
  beforeAll(async () => {
    echo = createServer((request, response) => {
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
        response.end(JSON.stringify({ url: request.url, authorization, key, via, body }));
      });
    });
    const away = createServer();
    const awayUrl = await listening(away);
    await new Promise((resolve) => away.close(resolve));
    gateway = await createGateway(
      upstreamsOf(SERVICES, { ROUTING_URL: await listening(echo), SHIPPING_URL: awayUrl }),
    );
  });
  afterAll(async () => {
    await gateway.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  it('passes requests and answers on as they are', async () => {
    const answer = await gateway.inject({
      method: 'POST',
      url: '/v1/routing/quotes?dry=1%20x',
      headers: {
        authorization: 'Bearer k',
        'idempotency-key': 'once',
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.9',
      },
      remoteAddress: '198.51.100.7',
      payload: '{"a": 1}',
    });
    expect([answer.statusCode, answer.headers['consistency-token'], answer.json()]).toEqual([
      201,
      'routing:7',
      {
        url: '/v1/routing/quotes?dry=1%20x',
        authorization: 'Bearer k',
        key: 'once',
        via: '203.0.113.9, 198.51.100.7',
        body: '{"a": 1}',
      },
    ]);
  });

  it('passes a file on as it comes, larger than other bodies may be', async () => {
    const payload = 'x'.repeat(3 * BODY_BYTES_MAX);
    const answer = await gateway.inject({
      method: 'POST',
      url: '/v1/routing/files',
      headers: { 'content-type': 'text/csv' },
      payload,
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json().body).toHaveLength(payload.length);
  });

  it('counts what passes by its outcome, not by its address', async () => {
    await gateway.inject({ method: 'GET', url: '/v1/routing/decisions/o-1' });
    await gateway.inject({ method: 'GET', url: '/v1/shipments/s-1' });
    const { body } = await gateway.inject({ method: 'GET', url: '/metrics' });
    expect(body).toMatch(/^oms_http_requests_total\{service="gateway",.*status="201"\} [1-9]/m);
    expect(body).toMatch(/^oms_http_requests_total\{service="gateway",.*status="503"\} [1-9]/m);
    expect(body).not.toMatch(/o-1|s-1/);
  });

  it('answers for a service that is away with what a client may repeat', async () => {
    const answer = await gateway.inject({ method: 'GET', url: '/v1/shipments' });
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().code]).toEqual([
      503,
      '1',
      'service-away',
    ]);
  });

  it("says when an address is nobody's", async () => {
    const answer = await gateway.inject({ method: 'GET', url: '/v1/nobody' });
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
