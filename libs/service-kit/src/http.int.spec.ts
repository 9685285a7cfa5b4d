import { BadRequestException, Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { Id, OrderConfirmed, Quantity } from '@throughline/contracts';
import {
  codecOf,
  commandHandler,
  type Cause,
  type CommandHandler,
  type Position,
} from '@throughline/event-store';
import { accept, TransientError, type Decider, type Message } from '@throughline/kernel';
import { consumer, on, publish, publisher } from '@throughline/messaging';
import { freshDatabaseUrl, startService, until, type ServiceHarness } from '@throughline/testing';
import { pino } from 'pino';
import { REQUEST_DEADLINE_MS } from './deadline.interceptor.js';
import {
  CurrentPrincipal,
  defineService,
  Host,
  EVERY_ACTION,
  keyReused,
  Needs,
  NeedsAnyKey,
  notFound,
  ProblemException,
  RequestCause,
  valid,
  WroteTo,
  type Principal,
  type ServiceDefinition,
  type Wrote,
} from './index.js';

type Noted = Message<'Noted', { readonly text: string; readonly count: number }>;
type Note = Message<'Note', { readonly text: string; readonly count: number }>;
const decider: Decider<Note, Noted, string, never> = {
  initialState: '',
  decide: ({ data }) => accept({ type: 'Noted', data }),
  evolve: (_, { data }) => data.text,
};
const codec = codecOf<Noted>({ Noted: { version: 1 } });
class NoteBody {
  @Id() text!: string;
  @Quantity() count!: number;
}
type Handle = CommandHandler<Note, Noted, string, never>;
const HANDLE = Symbol('handle');
const ROWS = Symbol('rows');

@Controller('v1/notes')
class NotesController {
  constructor(
    @Inject(HANDLE) private readonly handle: Handle,
    @Inject(ROWS) private readonly rows: () => Promise<string[]>,
  ) {}

  @Post(':id')
  @Needs('orders:write')
  async note(
    @Param('id') id: string,
    @Body(valid(NoteBody)) data: NoteBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ) {
    const result = await this.handle(id, { type: 'Note', data }, cause);
    if (!result.ok) throw keyReused();
    wrote('notes', result.position);
    return { cause, repeated: result.repeated };
  }

  @Get('rows')
  @Needs('orders:read')
  list(): Promise<string[]> {
    return this.rows();
  }

  @Get('me')
  @NeedsAnyKey()
  me(@CurrentPrincipal() { id, name }: Principal) {
    return { id, name };
  }

  @Get('fail/:how')
  @NeedsAnyKey()
  async fail(@Param('how') how: string): Promise<void> {
    switch (how) {
      case 'problem':
        throw new ProblemException({
          code: 'too-late',
          title: 'Too late',
          status: 409,
          since: 'noon',
        });
      case 'missing':
        throw notFound('note', 'n1');
      case 'transient':
        throw new TransientError('the database at 10.0.0.7 is away');
      case 'framework':
        throw new BadRequestException('no such thing');
      case 'never':
        return new Promise(() => undefined);
      default:
        throw new Error('password=secret');
    }
  }
}

/** Whether the consumer of confirmations works. */
let isConsumerBroken = false;
let confirmed: string[] = [];
let taskRuns = 0;

const notes = defineService({
  name: 'notes',
  schema: 'notes',
  paths: ['/v1/notes'],
  migrations: new URL('./notes.fixtures', import.meta.url),
  publishers: [
    publisher<Noted>({
      service: 'notes',
      topic: 'oms.order',
      category: 'note',
      codec,
      map: ({ data: { text } }, { metadata }) => [
        publish(OrderConfirmed, text, { orderId: text, confirmedAt: metadata.at }),
      ],
    }),
  ],
  build: ({ store, now, database }) => ({
    module: {
      module: class NotesModule {},
      controllers: [NotesController],
      providers: [
        {
          provide: HANDLE,
          useValue: commandHandler({ store, category: 'note', decider, codec, now }),
        },
        {
          provide: ROWS,
          useValue: async () =>
            (await database.query<{ text: string }>('select text from noted order by text')).map(
              ({ text }) => text,
            ),
        },
      ],
    },
    consumers: [],
    tasks: [
      {
        name: 'count',
        everyMs: 5,
        run: async () => {
          taskRuns += 1;
        },
      },
    ],
    projections: [
      {
        name: 'noted',
        version: 1,
        categories: ['note'],
        tables: { noted: 'stream' },
        apply: async (tx, events) => {
          await tx.query(
            `insert into noted (text, stream) select * from unnest($1::text[], $2::text[])
             on conflict do nothing`,
            [
              events.map((event) => codec.decode(event).data.text),
              events.map(({ stream }) => stream),
            ],
          );
        },
      },
    ],
  }),
});
const readers = defineService({
  name: 'readers',
  schema: 'readers',
  paths: [],
  publishers: [],
  build: () => ({
    module: { module: class ReadersModule {} },
    projections: [],
    consumers: [
      consumer({
        group: 'readers.oms.order',
        topic: 'oms.order',
        handlers: [
          on(OrderConfirmed, async ({ data }) => {
            if (isConsumerBroken) throw new Error('broken');
            confirmed.push(data.orderId);
          }),
        ],
      }),
    ],
  }),
});

const note = (text: string) => ({ text, count: 1 });
const positionOf = (token: unknown): Position => BigInt(String(token).split(':')[1]!);

describe('an answer to what went wrong', () => {
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(notes);
  });
  afterAll(() => service.stop());

  it.each([
    ['problem', 409, { code: 'too-late', title: 'Too late', since: 'noon' }],
    ['missing', 404, { code: 'not-found', title: 'There is no note n1' }],
    ['framework', 400, { code: 'bad-request', title: 'no such thing' }],
    ['transient', 503, { code: 'unavailable', title: 'Not now; try again with the same key' }],
    ['fault', 500, { code: 'internal-error', title: 'Something is wrong on our side' }],
  ])('is a problem, for %s', async (how, status, facts) => {
    const answer = await service.http('GET', `/v1/notes/fail/${how}`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toEqual({ type: `urn:oms:problem:${facts.code}`, status, ...facts });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it('is a problem for an address that is none, and for a body that is too large', async () => {
    const bad = await service.http('GET', '/v1/%zz');
    expect([bad.status, bad.headers['content-type'], bad.body.code]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
      'bad-request',
    ]);
    const large = await service.http('POST', '/v1/notes/a', note('x'.repeat(2 * 1024 * 1024)));
    expect([large.status, large.body.code]).toEqual([413, 'payload-too-large']);
    const nul = await service.http('GET', '/v1/notes/a%00b');
    expect([nul.status, nul.body.code]).toEqual([400, 'nul-in-address']);
    const xml = await service.http('POST', '/v1/notes/a', '<a/>', { 'content-type': 'text/xml' });
    expect([xml.status, xml.body.code]).toEqual([415, 'unsupported-media-type']);
  });

  it('comes within the deadline, whatever the handler does', async () => {
    const startedAt = performance.now();
    const { status } = await service.http('GET', '/v1/notes/fail/never');
    expect(status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(REQUEST_DEADLINE_MS + 3_000);
  });
});

describe('a request', () => {
  let service: ServiceHarness;
  beforeAll(async () => {
    service = await startService(notes);
  });
  afterAll(() => service.stop());
  const write = (id: string, text: string, headers = {}) =>
    service.http('POST', `/v1/notes/${id}`, note(text), headers);

  it.each(['', 'Bearer', 'Bearer ', 'Basic dGVzdA==', 'test'])(
    'without a key is refused: %j',
    async (authorization) => {
      const { status, body } = await service.http('GET', '/v1/notes/me', undefined, {
        authorization,
      });
      expect([status, body.code]).toEqual([401, 'unauthorized']);
    },
  );

  it('knows who asks', async () => {
    expect((await service.http('GET', '/v1/notes/me')).body).toEqual({
      id: 'tester',
      name: 'tester',
    });
  });

  it('has a cause of its own when it brings no key', async () => {
    const [one, other] = [await write('a', 'x'), await write('a', 'x')];
    expect(one.body.cause).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      correlationId: one.body.cause.id,
      actor: 'tester',
      actorId: expect.any(String),
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(other.body.cause.id).not.toBe(one.body.cause.id);
  });

  it('has the cause of its key on its own route, whatever the order of fields', async () => {
    const headers = { 'idempotency-key': 'k' };
    const first = await write('b', 'x', headers);
    const again = await service.http('POST', '/v1/notes/b', { count: 1, text: 'x' }, headers);
    const elsewhere = await write('c', 'x', headers);
    expect([first.body.repeated, again.body.repeated, elsewhere.body.repeated]).toEqual([
      false,
      true,
      false,
    ]);
    expect(again.headers['consistency-token']).toBe(first.headers['consistency-token']);
    expect(elsewhere.body.cause.id).not.toBe(first.body.cause.id);
  });

  it('with the same key and another body is refused', async () => {
    const headers = { 'idempotency-key': 'once' };
    await write('d', 'x', headers);
    const { status, body } = await write('d', 'y', headers);
    expect([status, body.code]).toEqual([409, 'idempotency-key-reused']);
  });

  it.each(['', 'x'.repeat(201)])('with a key that is none is refused: %j', async (key) => {
    const { status, body } = await write('e', 'x', { 'idempotency-key': key });
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'Idempotency-Key']);
  });

  it.each([
    ['nothing', undefined],
    ['a list', [1]],
    ['null', 'null'],
    ['a text', '"text"'],
  ])('with %s for a body is refused', async (_, body) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await service.http(
      'POST',
      '/v1/notes/f',
      body,
      body === undefined ? {} : headers,
    );
    expect(status).toBe(422);
  });

  it('that brings the token of a write sees it', async () => {
    for (const text of ['p', 'q', 'r']) {
      const { headers } = await write('g', text);
      const token = String(headers['consistency-token']);
      const { body } = await service.http('GET', '/v1/notes/rows', undefined, {
        'consistency-token': token,
      });
      expect(body).toContain(text);
    }
  });

  it.each([
    ['other:99999999', 200],
    ['notes', 422],
    ['notes:-1', 422],
    ['notes:x', 422],
    [`notes:${'9'.repeat(30)}`, 422],
    // A write that is not there.
    ['notes:999999', 422],
  ])('is not held up by a token that says nothing here: %s', async (token, status) => {
    const startedAt = performance.now();
    const answer = await service.http('GET', '/v1/notes/rows', undefined, {
      'consistency-token': token,
    });
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.body.errors[0].field).toBe('Consistency-Token');
    expect(performance.now() - startedAt).toBeLessThan(1_900);
  });

  it('of a stranger is not held up by any token', async () => {
    const startedAt = performance.now();
    const answer = await service.http('GET', '/v1/notes/rows', undefined, {
      authorization: '',
      'consistency-token': 'notes:999999',
    });
    expect(answer.status).toBe(401);
    expect(performance.now() - startedAt).toBeLessThan(1_900);
  });

  it('waits two seconds at most for rows that do not come', async () => {
    await service.runtime.database.transaction(async (tx) => {
      await tx.query('lock table noted in exclusive mode');
      const { headers } = await write('g', 'late');
      const startedAt = performance.now();
      const answer = await service.http('GET', '/v1/notes/rows', undefined, {
        'consistency-token': String(headers['consistency-token']),
      });
      expect([answer.status, answer.body.includes('late')]).toEqual([200, false]);
      expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    });
  });
});

describe('a host', () => {
  let connectionString: string;
  let hosts: Host[];
  beforeEach(async () => {
    connectionString = await freshDatabaseUrl();
    hosts = [];
    isConsumerBroken = false;
    confirmed = [];
    taskRuns = 0;
  });
  afterEach(() => Promise.all(hosts.map((host) => host.stop())));

  const create = async (definitions: ServiceDefinition[] = [notes, readers]): Promise<Host> => {
    const host = await Host.create({
      definitions,
      connectionString,
      logger: pino({ level: 'silent' }),
      authenticate: async (key) =>
        key === 'good' ? { id: '1', name: 'ann', actions: EVERY_ACTION } : undefined,
    });
    hosts.push(host);
    return host;
  };
  type Method = 'GET' | 'POST';
  const ask = async (host: Host, method: Method, url: string, payload?: object) => {
    const headers = { authorization: 'Bearer good' };
    const answer = await host.app.inject({ method, url, headers, ...(payload && { payload }) });
    return {
      status: answer.statusCode,
      body: answer.body === '' ? undefined : answer.json(),
      headers: answer.headers,
    };
  };

  it('is ready once it runs, and says which part is not', async () => {
    const host = await create();
    expect(await ask(host, 'GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'down', parts: { host: 'down', notes: 'up', readers: 'up' } },
    });
    host.start();
    expect(await ask(host, 'GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'up', parts: { host: 'up', notes: 'up', readers: 'up' } },
    });
    await host.services.get('notes')!.runtime.database.stop();
    expect(await ask(host, 'GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { parts: { notes: expect.stringMatching(/^down: \w/), readers: 'up' } },
    });
    expect((await ask(host, 'GET', '/health/live')).status).toBe(200);
  });

  it('brings messages from service to service, keeps rows and runs tasks, until it is idle', async () => {
    const host = await create();
    host.start();
    for (const text of ['a', 'b']) await ask(host, 'POST', '/v1/notes/n', note(text));
    await until(() => host.isIdle());
    expect(confirmed.sort()).toEqual(['a', 'b']);
    expect((await ask(host, 'GET', '/v1/notes/rows')).body).toEqual(['a', 'b']);
    await until(() => taskRuns > 1);
    await host.stop();
    hosts = [];
    const ran = taskRuns;
    const next = await create();
    next.start();
    await ask(next, 'POST', '/v1/notes/n', note('c'));
    await until(() => next.isIdle());
    expect(confirmed.sort()).toEqual(['a', 'b', 'c']);
    expect(taskRuns).toBeGreaterThanOrEqual(ran);
  });

  it('is not idle while a message is under way', async () => {
    const host = await create([notes]);
    host.start();
    const { headers } = await ask(host, 'POST', '/v1/notes/n', note('a'));
    const { store } = host.services.get('notes')!.runtime;
    expect(await store.head()).toBe(positionOf(headers['consistency-token']));
    await until(() => host.isIdle());
    expect((await ask(host, 'GET', '/v1/notes/rows')).body).toEqual(['a']);
  });

  it('shows messages that could not be handled, and handles or drops them when told', async () => {
    const host = await create();
    isConsumerBroken = true;
    host.start();
    const url = '/v1/readers/dead-letters';
    for (const text of ['a', 'b', 'c']) await ask(host, 'POST', '/v1/notes/n', note(text));
    await until(async () => (await ask(host, 'GET', url)).body.items.length === 3);

    const first = await ask(host, 'GET', `${url}?limit=2`);
    const rest = await ask(host, 'GET', `${url}?limit=2&cursor=${first.body.nextCursor}`);
    const items = [...first.body.items, ...rest.body.items] as { key: string; parkedId: number }[];
    expect(items.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c']);
    expect([first.body.items.length, rest.body.nextCursor]).toEqual([2, null]);
    expect(first.body.items[0]).toMatchObject({
      group: 'readers.oms.order',
      topic: 'oms.order',
      error: 'Error: broken',
      holdsKey: true,
      message: { type: 'OrderConfirmed', source: 'notes' },
    });

    const [one, other] = items as [
      { key: string; parkedId: number },
      { key: string; parkedId: number },
    ];
    expect((await ask(host, 'GET', `${url}/${one.parkedId}`)).body).toEqual(first.body.items[0]);
    const found = async (filter: string): Promise<number> =>
      (await ask(host, 'GET', `${url}?${filter}`)).body.items.length;
    expect([await found(`key=${one.key}`), await found('type=OrderConfirmed')]).toEqual([1, 3]);
    expect([await found('group=nobody'), await found('type=OrderPlaced')]).toEqual([0, 0]);
    expect(await ask(host, 'POST', `${url}/${one.parkedId}/replay`)).toMatchObject({
      status: 409,
      body: { code: 'replay-failed', detail: 'Error: broken', replayed: 0 },
    });

    isConsumerBroken = false;
    expect(await ask(host, 'POST', `${url}/${one.parkedId}/replay`)).toMatchObject({
      status: 200,
      body: { replayed: 1 },
    });
    const discard = (body: object) => ask(host, 'POST', `${url}/${other.parkedId}/discard`, body);
    const shown = async (): Promise<number> => (await ask(host, 'GET', url)).body.items.length;
    expect([(await discard({})).status, await shown()]).toEqual([422, 2]);
    const meant = { confirm: `readers/${other.parkedId}`, reason: 'it is for nobody' };
    expect([(await discard(meant)).status, await shown()]).toEqual([200, 1]);
    expect(confirmed).toEqual([one.key]);
    expect((await ask(host, 'POST', `${url}/${other.parkedId}/restore`)).body).toMatchObject(other);
    expect((await ask(host, 'POST', `${url}/${other.parkedId}/restore`)).status).toBe(404);
    await ask(host, 'POST', `${url}/${other.parkedId}/replay`);
    expect([confirmed, await shown()]).toEqual([[one.key, other.key], 1]);

    for (const id of [one.parkedId, 'x', '1.5', '99999999999999999999']) {
      expect((await ask(host, 'POST', `${url}/${id}/replay`)).status).toBe(404);
      expect((await ask(host, 'GET', `${url}/${id}`)).status).toBe(404);
    }
    for (const cursor of ['["x"]', '[null]', '[1.5]']) {
      const text = Buffer.from(cursor).toString('base64url');
      expect((await ask(host, 'GET', `${url}?cursor=${text}`)).status).toBe(422);
    }
  });

  it('lets nobody in without a key, on any of its routes', async () => {
    const host = await create();
    const { body } = await ask(host, 'GET', '/openapi.json');
    const routes = Object.entries(body.paths as Record<string, object>).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase() as Method,
        url: url.replace(/\{\w+\}/g, 'x'),
      })),
    );
    const open: string[] = [];
    for (const route of routes) {
      const { statusCode } = await host.app.inject({
        ...route,
        headers: { authorization: 'Bearer bad' },
      });
      if (statusCode !== 401) open.push(route.url);
    }
    expect(routes.length).toBeGreaterThan(8);
    expect(open).toEqual(['/health/live', '/health/ready']);
  });
});
