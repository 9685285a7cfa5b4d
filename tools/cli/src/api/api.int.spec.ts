import { connect, KeyRefused, ServerFault, type Api, type ApiOptions } from './api.js';
import { ServerAway } from './patience.js';
import { testServer, type Reply, type TestServer } from './server.fixtures.js';

const OK: Reply = { status: 200, body: { items: [] } };

const client = (server: TestServer, more: Partial<ApiOptions> = {}): Api & AsyncDisposable => {
  const api = connect({
    url: server.url,
    key: 'secret',
    connections: 2,
    deadlineMs: 200,
    patienceMs: 5_000,
    firstPauseMs: 1,
    longestPauseMs: 5,
    ...more,
  });
  return { ...api, [Symbol.asyncDispose]: () => api.close() };
};

const scripted = (...replies: readonly Reply[]): Promise<TestServer> =>
  testServer((_, index) => replies[Math.min(index, replies.length - 1)]!);

const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const gathered: Item[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
};

describe('the HTTP client', () => {
  it('sends the key and the body, and answers status and body', async () => {
    await using server = await scripted({ status: 201, body: { orderId: 'o-1' } });
    await using api = client(server);
    expect(await api.send('POST', '/v1/orders', { a: 1 }, 'key-1')).toEqual({
      status: 201,
      body: { orderId: 'o-1' },
    });
    const [{ method, url, headers, body }] = server.calls as [(typeof server.calls)[0]];
    expect([method, url.pathname, body]).toEqual(['POST', '/v1/orders', { a: 1 }]);
    expect(headers).toEqual(
      expect.objectContaining({ authorization: 'Bearer secret', 'idempotency-key': 'key-1' }),
    );
  });

  it.each<[string, Reply]>([
    ['the connection breaks', 'cut'],
    ['no answer comes in time', 'silence'],
    ['the server is starting', { status: 503, headers: { 'retry-after': '0' } }],
    ['a gateway has nobody behind it', { status: 502 }],
    ['a gateway gives up', { status: 504 }],
    ['the server sheds load', { status: 429 }],
    ['the server fails once', { status: 500 }],
  ])('sends the same again when %s', async (_, trouble) => {
    await using server = await scripted(trouble, trouble, OK);
    const troubles: string[] = [];
    await using api = client(server, { onTrouble: (what) => void troubles.push(what) });
    expect((await api.send('POST', '/v1/x', { a: 1 }, 'key-1')).status).toBe(200);
    expect(server.calls.map(({ body, headers }) => [body, headers['idempotency-key']])).toEqual([
      [{ a: 1 }, 'key-1'],
      [{ a: 1 }, 'key-1'],
      [{ a: 1 }, 'key-1'],
    ]);
    expect(troubles).toHaveLength(2);
  });

  it('gives up when the server stays away for longer than its patience', async () => {
    await using server = await scripted({ status: 503 });
    await using api = client(server, { patienceMs: 50 });
    await expect(api.send('GET', '/v1/x')).rejects.toThrow(ServerAway);
    expect(server.calls.length).toBeGreaterThan(1);
  });

  it('gives up when nobody listens', async () => {
    const server = await scripted(OK);
    await server[Symbol.asyncDispose]();
    await using api = client(server, { patienceMs: 50 });
    await expect(api.send('GET', '/v1/x')).rejects.toThrow('ECONNREFUSED');
  });

  it('waits as long as the server asks', async () => {
    await using server = await scripted({ status: 503, headers: { 'retry-after': '1' } }, OK);
    await using api = client(server);
    const startedAt = performance.now();
    await api.send('GET', '/v1/x');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  });

  it.each([401, 403])('says at once that the key is refused (%i)', async (status) => {
    await using server = await scripted({ status });
    await using api = client(server);
    await expect(api.send('GET', '/v1/x')).rejects.toThrow(KeyRefused);
    expect(server.calls).toHaveLength(1);
  });

  it('gives up on a server that fails again and again', async () => {
    await using server = await scripted({ status: 500, body: { title: 'broken' } });
    await using api = client(server);
    await expect(api.send('GET', '/v1/x')).rejects.toThrow(
      new ServerFault('GET /v1/x: 500 broken'),
    );
    expect(server.calls).toHaveLength(5);
  });

  it.each([404, 409, 413, 422])('takes a refusal (%i) for an answer', async (status) => {
    await using server = await scripted({ status, body: { code: 'no' } });
    await using api = client(server);
    expect(await api.send('POST', '/v1/x', {})).toEqual({ status, body: { code: 'no' } });
    expect(server.calls).toHaveLength(1);
  });

  it('reads a list page by page, with its filters', async () => {
    await using server = await scripted(
      { status: 200, body: { items: [1, 2], nextCursor: 'c' } },
      { status: 200, body: { items: [3], nextCursor: null } },
    );
    await using api = client(server);
    const query = { status: 'released', sku: undefined };
    expect(await all(api.list('/v1/x', query))).toEqual([1, 2, 3]);
    expect(server.calls.map(({ url }) => url.search)).toEqual([
      '?limit=200&status=released',
      '?limit=200&status=released&cursor=c',
    ]);
  });

  it('fails when a list is refused', async () => {
    await using server = await scripted({ status: 422, body: { detail: 'status is unknown' } });
    await using api = client(server);
    await expect(all(api.list('/v1/x'))).rejects.toThrow('status is unknown');
  });

  it('keeps the path of a server behind a prefix', async () => {
    await using server = await scripted(OK);
    await using api = client({ ...server, url: `${server.url}/shop/` });
    await api.send('GET', '/v1/x');
    expect(server.calls[0]!.url.pathname).toBe('/shop/v1/x');
  });
});
