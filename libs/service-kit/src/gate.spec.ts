import 'reflect-metadata';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Body, Controller, Get, Module, Post, Res } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { until } from '@throughline/testing';
import type { FastifyReply } from 'fastify';
import { pino } from 'pino';
import { AccessGuard, CurrentPrincipal, NeedsAnyKey, Public, type Principal } from './access.js';
import { answerWhereNothingIs } from './addresses.js';
import { takeBodies } from './bodies.js';
import { FileBody, TakesFile, type FileParts } from './file-body.js';
import { keepGate, LiveStream } from './gate.js';
import { listenerOptions } from './listener.js';
import { BODY_GRACE_MS, OpenRequests, SHARES } from './open-requests.js';
import { EVERY_ACTION } from './permissions.js';
import { ProblemFilter } from './problem.filter.js';
import { READS_MAX, takeTurns } from './turns.js';

/** Reads that are worked on. */
let held: { readonly id: string; readonly letGo: () => void }[] = [];

@Controller('v1/things')
@NeedsAnyKey()
class ThingsController {
  @Post()
  make(@Body() body: object) {
    return body;
  }

  @Post('files')
  @TakesFile('text/csv')
  async file(@FileBody() parts: FileParts) {
    for await (const part of parts) if (part.length === 0) return;
  }

  @Get('stream')
  @LiveStream()
  stream(@Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.writeHead(200, { connection: 'close' }).write(': here\n\n');
  }

  /** Answers when it is let go. */
  @Get('held')
  held(@CurrentPrincipal() { id }: Principal) {
    return new Promise((resolve) => held.push({ id, letGo: () => resolve(id) }));
  }

  @Get('open')
  @Public()
  open() {
    return 'open';
  }
}

@Module({
  controllers: [ThingsController],
  providers: [
    { provide: APP_FILTER, useValue: new ProblemFilter(pino({ level: 'silent' })) },
    {
      provide: APP_GUARD,
      useFactory: (reflector: Reflector) => new AccessGuard(reflector),
      inject: [Reflector],
    },
  ],
})
class ThingsModule {}

let app: NestFastifyApplication;
let port: number;
let asked: string[];
let nowMs = 0;
const requests = new OpenRequests(() => nowMs);
/** The other end of the connection that was opened last. */
let accepted: Socket;
const sockets: Socket[] = [];

beforeAll(async () => {
  const adapter = new FastifyAdapter(listenerOptions([]));
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, adapter, {
    logger: false,
    bodyParser: false,
  });
  keepGate(app, {
    authenticate: async (bearer) => {
      asked.push(bearer);
      const isKey = bearer.startsWith('key');
      return isKey ? { id: bearer, name: bearer, actions: EVERY_ACTION } : undefined;
    },
    requests,
  });
  answerWhereNothingIs(app);
  takeBodies(app);
  takeTurns(app, () => 'things');
  app.getHttpServer().on('connection', (socket: Socket) => (accepted = socket));
  await app.listen(0, '127.0.0.1');
  ({ port } = app.getHttpServer().address() as AddressInfo);
});
afterAll(() => app.close());
beforeEach(() => {
  held = [];
  asked = [];
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection of our own making, and what came back on it so far. */
const open = async (...lines: readonly string[]) => {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (part) => (text += part));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return { socket, closed, text: () => text, answered: () => until(async () => text !== '') };
};
const head = (method: string, path: string, key?: string): string[] => [
  `${method} ${path} HTTP/1.1`,
  'host: x',
  ...(key === undefined ? [] : [`authorization: Bearer ${key}`]),
];
/** Resolves when whatever was sent before has been looked at. */
const answered = async (): Promise<unknown> =>
  (await open(...head('GET', '/v1/things/open'))).answered();
const JSON_TO_COME = ['content-type: application/json', 'content-length: 1000000'];
const FILE_TO_COME = ['content-type: text/csv', 'transfer-encoding: chunked'];

describe('who has no key', () => {
  it.each([
    ['no key', head('POST', '/v1/things')],
    ['a key that nobody holds', head('POST', '/v1/things', 'wrong')],
    ['an address in another spelling', head('POST', '/%761/things')],
    ['an address at which there is nothing', head('POST', '/v1/nothing')],
  ])('is answered while the body is still to come, and cut off: %s', async (_, lines) => {
    const { closed, text } = await open(...lines, ...JSON_TO_COME);
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 401 /);
    expect(text()).toMatch(/^connection: close\r$/im);
  });

  it('reads the answer, although the body is still being sent', async () => {
    const { socket, closed, text, answered } = await open(
      ...head('POST', '/v1/things'),
      ...JSON_TO_COME,
    );
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error)).allowHalfOpen = true;
    await answered();
    for (let sent = 0; sent < 1_000_000; sent += 50_000) {
      if (!socket.write('x'.repeat(50_000))) await once(socket, 'drain');
    }
    socket.end(`${head('GET', '/v1/things/open').join('\r\n')}\r\n\r\n`);
    await closed;
    expect(errors).toEqual([]);
    expect(text().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
  });

  it('is cut off after a while, although it stays', async () => {
    const { socket, answered } = await open(...head('POST', '/v1/things'), ...JSON_TO_COME);
    socket.allowHalfOpen = true;
    await answered();
    await until(() => accepted.destroyed);
  });

  it('is not asked for the body that it holds back', async () => {
    const { closed, text } = await open(
      ...head('POST', '/v1/things'),
      'expect: 100-continue',
      ...JSON_TO_COME,
    );
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['GET', '/v1/things/open', 200],
    ['POST', '/elsewhere', 404],
  ])('brings no body where no key is needed either: %s %s', async (method, path, status) => {
    const { closed, text } = await open(...head(method, path), ...JSON_TO_COME);
    await closed;
    expect(text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(asked).toEqual([]);
  });
});

describe('a key', () => {
  const later = async (closed: Promise<unknown>): Promise<void> => {
    nowMs += BODY_GRACE_MS + 1_000;
    await closed;
  };

  it('is asked for the body that it holds back', async () => {
    const { socket, text } = await open(
      ...head('POST', '/v1/things', 'key'),
      'expect: 100-continue',
      'content-type: application/json',
      'content-length: 9',
    );
    await until(async () => text().startsWith('HTTP/1.1 100 Continue'));
    socket.write('{"a": 12}');
    await until(async () => text().includes('{"a":12}'));
  });

  it('is cut off when its body comes too slowly', async () => {
    const { socket, closed, text } = await open(
      ...head('POST', '/v1/things', 'key'),
      ...JSON_TO_COME,
    );
    socket.write('{"a": ');
    await until(async () => asked.length === 1);
    await later(closed);
    expect(text()).toMatch(/^HTTP\/1\.1 408 /);
    expect(text()).toContain('urn:oms:problem:request-timeout');
  });

  it('may take its time with a body that comes fast enough', async () => {
    const { socket, text } = await open(
      ...head('POST', '/v1/things', 'key'),
      'content-type: application/json',
      'content-length: 1000000',
    );
    socket.write(`{"a": "${'x'.repeat(500_000)}`);
    await until(async () => accepted.bytesRead > 500_000);
    nowMs += BODY_GRACE_MS + 1_000;
    requests.endSlow();
    socket.write(`${'x'.repeat(499_991)}"}`);
    await until(async () => text().startsWith('HTTP/1.1 201'));
  });

  it.each([
    ['file', head('POST', '/v1/things/files', 'key-f'), FILE_TO_COME],
    ['stream', head('GET', '/v1/things/stream', 'key-s'), []],
    ['request', head('POST', '/v1/things', 'key-r'), JSON_TO_COME],
  ] as const)('has a share of what is under way: of each %s', async (kind, lines, more) => {
    const held = [];
    while (held.length < SHARES[kind]) held.push(await open(...lines, ...more));
    await until(async () => asked.length === SHARES[kind]);
    const beyond = await open(...lines, ...more);
    await beyond.answered();
    expect(beyond.text()).toMatch(/^HTTP\/1\.1 429 /);
    expect(beyond.text()).toMatch(/^retry-after: 1\r$/im);
    expect(beyond.text()).toContain(`"most":${SHARES[kind]}`);

    const other = await open(...head('GET', '/v1/things/stream', 'key-o'));
    await other.answered();
    expect(other.text()).toMatch(/^HTTP\/1\.1 200 /);

    held[0]!.socket.destroy();
    await until(async () => {
      const next = await open(...lines, ...more);
      await answered();
      return !next.text().startsWith('HTTP/1.1 429');
    });
  });
});

describe('reads', () => {
  const read = (key: string) => open(...head('GET', '/v1/things/held', key));
  const idsHeld = () => held.map(({ id }) => id);

  it('of keys take turns, however many one of them sends', async () => {
    const greedy = [];
    while (greedy.length < READS_MAX + 3) greedy.push(await read('key-greedy'));
    await until(() => held.length === READS_MAX);
    await read('key-modest');
    await until(() => asked.length === READS_MAX + 4);
    held[0]!.letGo();
    await until(() => held.length === READS_MAX + 1);
    held[1]!.letGo();
    await until(() => held.length === READS_MAX + 2);
    expect(idsHeld().slice(READS_MAX)).toEqual(['key-greedy', 'key-modest']);
    for (const { socket } of greedy) socket.destroy();
    const after = await read('key-after');
    await until(() => idsHeld().includes('key-after'));
    for (const { letGo } of held) letGo();
    await after.answered();
    expect(after.text()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('on one connection are few at a time', async () => {
    const request = `${head('GET', '/v1/things/held', 'key').join('\r\n')}\r\n\r\n`;
    const { socket, closed, text } = await open(...head('GET', '/v1/things/open'));
    await until(() => text() !== '');
    socket.write(request.repeat(20));
    await until(() => held.length === SHARES.connection);
    for (const { letGo } of held) letGo();
    await closed;
    const statuses = [...text().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', ...Array(SHARES.connection).fill('200'), '429']);
    expect(held).toHaveLength(SHARES.connection);
  });
});
