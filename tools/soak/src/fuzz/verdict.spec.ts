import { createServer, type Server } from 'node:net';
import { faultOf, isNotNow } from './verdict.js';
import { Wire, type Answer, type Outcome } from './wire.js';

const WHOLE = { isHead: false, isBroken: false };
const problem = (members: object): string =>
  JSON.stringify({ type: 'urn:x', code: 'x', title: 'X', status: 404, ...members });
const answer = (
  status: number,
  type: string,
  body: string,
  more: [string, string][] = [],
): Answer => ({
  status,
  headers: new Map([['content-type', type], ...more]),
  body,
  ms: 1,
});
const PROBLEM = 'application/problem+json; charset=utf-8';
const invalid = (errors: unknown): string =>
  problem({ code: 'invalid-request', status: 422, errors });

describe('an answer', () => {
  it.each<[string, Outcome, string | undefined]>([
    ['of success', answer(200, 'application/json', '{}'), undefined],
    ['of a problem', answer(404, PROBLEM, problem({})), undefined],
    ['that is a fault', answer(500, PROBLEM, problem({ status: 500 })), 'a fault: 500'],
    ['that is no HTTP', answer(Number.NaN, '', ''), 'no status'],
    ['that is no problem', answer(404, 'text/html', '<p>'), 'no problem but text/html'],
    ['that is no JSON', answer(404, PROBLEM, '{'), 'a problem that is no JSON'],
    ['of another status', answer(400, PROBLEM, problem({})), 'a problem that says status 404'],
    [
      'without a title',
      answer(404, PROBLEM, problem({ title: '' })),
      'a problem without type, title or code',
    ],
    [
      'that names field and rule',
      answer(422, PROBLEM, invalid([{ field: 'a', code: 'b', message: 'c' }])),
      undefined,
    ],
    ['that names nothing', answer(422, PROBLEM, invalid([])), 'no field, rule or words'],
    [
      'without words',
      answer(422, PROBLEM, invalid([{ field: 'a', code: 'b', message: '' }])),
      'no field, rule or words',
    ],
    ['that does not come', 'late', 'no answer within 8000 ms'],
    ['that breaks off', 'closed', 'closed without an answer'],
  ])('%s is judged', (_, outcome, fault) => expect(faultOf(outcome, WHOLE)).toBe(fault));

  it('may fail to come for what is hardly a request, but not late', () => {
    const broken = { ...WHOLE, isBroken: true };
    expect(faultOf('closed', broken)).toBeUndefined();
    expect(faultOf('late', broken)).toBeDefined();
  });

  it('of a busy system says when to come back', () => {
    const busy = answer(503, PROBLEM, problem({ status: 503 }), [['retry-after', '1']]);
    expect(isNotNow(busy, 'GET /v1/orders')).toBe(true);
    expect(isNotNow(answer(503, PROBLEM, ''), 'GET /v1/orders')).toBe(false);
    expect(isNotNow(answer(500, PROBLEM, '', [['retry-after', '1']]), 'GET /v1/orders')).toBe(
      false,
    );
  });
});

describe('a connection', () => {
  let server: Server;
  let wire: Wire;
  /** What the server sends for each request, piece by piece; then it closes, where it says so. */
  let pieces: readonly string[] = [];
  let connections = 0;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        const [first = '', ...rest] = pieces;
        socket.write(first);
        for (const piece of rest)
          setImmediate(() => (piece === 'END' ? socket.end() : socket.write(piece)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    wire = new Wire(new URL(`http://127.0.0.1:${port}`));
  });
  afterAll(async () => {
    wire.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const send = (isHead = false, deadlineMs = 5_000): Promise<Outcome> =>
    wire.send({ bytes: Buffer.from('x'), isHead, ends: false, deadlineMs });

  it.each<[string, readonly string[], object | string]>([
    ['a length', ['HTTP/1.1 200 OK\r\nContent-Le', 'ngth: 4\r\n\r\nab', 'cd'], { body: 'abcd' }],
    [
      'chunks',
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n', '1\r\nc\r\n0\r\n\r\n'],
      { body: 'abc' },
    ],
    [
      'a word before',
      ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'],
      { status: 404, body: '' },
    ],
    ['its end', ['HTTP/1.1 400 Bad\r\n\r\nab', 'END'], { status: 400, body: 'ab' }],
    ['less than it says', ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab', 'END'], 'closed'],
    ['nothing', ['', 'END'], 'closed'],
    ['bytes of something else', ['no HTTP\r\n\r\n', 'END'], { status: Number.NaN }],
  ])('reads an answer with %s', async (_, sent, expected) => {
    pieces = sent;
    const outcome = await send();
    if (typeof expected === 'string') expect(outcome).toBe(expected);
    else expect(outcome).toMatchObject(expected);
  });

  it('is used again after an answer in order, and given up after another', async () => {
    pieces = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'];
    await send();
    const before = connections;
    await send();
    expect(connections).toBe(before);
    pieces = ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'];
    await send();
    await send();
    expect(connections).toBe(before + 1);
  });

  it('is given up at the deadline', async () => {
    pieces = ['HTTP/1.1 200 OK\r\n'];
    expect(await send(false, 50)).toBe('late');
  });
});
