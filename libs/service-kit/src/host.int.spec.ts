import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { contracts, ERRORS_MAX, Id, Quantity, type FieldError } from '@throughline/contracts';
import { codecOf, commandHandler, type Cause } from '@throughline/event-store';
import { accept, type Decider, type Message } from '@throughline/kernel';
import { startService, type ServiceHarness } from '@throughline/testing';
import { defineService, Needs, Public, RequestCause, valid, WroteTo, type Wrote } from './index.js';

type Counted = Message<'Counted', { readonly by: number }>;
type Count = Message<'Count', { readonly by: number }>;
const decider: Decider<Count, Counted, number, never> = {
  initialState: 0,
  decide: ({ data }) => accept({ type: 'Counted', data }),
  evolve: (total, { data }) => total + data.by,
};
const codec = codecOf<Counted>({ Counted: { version: 1 } });
class CountBody {
  @Id() name!: string;
  @Quantity() by!: number;
}
const HANDLE = Symbol('handle');
type Handle = ReturnType<typeof commandHandler<Count, Counted, number, never>>;

@Controller('v1/counters')
class CountersController {
  constructor(@Inject(HANDLE) private readonly handle: Handle) {}

  @Post()
  @Needs('orders:write')
  async count(
    @Body(valid(CountBody)) { name, by }: CountBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ) {
    const result = await this.handle(name, { type: 'Count', data: { by } }, cause);
    if (!result.ok) return { refused: result.rejection.code };
    wrote('counters', result.position);
    return { total: result.state, repeated: result.repeated };
  }

  @Post('reset')
  @Needs('orders:write')
  reset(): void {
    return undefined;
  }

  @Get('public')
  @Public()
  open() {
    return { contracts: contracts().size > 0 };
  }
}

const counters = defineService({
  name: 'counters',
  schema: 'counters',
  paths: ['/v1/counters'],
  publishers: [],
  build: ({ store, now }) => ({
    module: {
      module: class CountersModule {},
      controllers: [CountersController],
      providers: [
        {
          provide: HANDLE,
          useValue: commandHandler({ store, category: 'counter', decider, codec, now }),
        },
      ],
    },
    consumers: [],
    projections: [],
  }),
});

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(counters);
});
afterAll(() => service.stop());

describe('a hosted service', () => {
  it('carries out a command once per idempotency key and says where it stands', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const first = await service.http('POST', '/v1/counters', { name: 'a', by: 2 }, headers);
    const again = await service.http('POST', '/v1/counters', { name: 'a', by: 2 }, headers);
    expect(first.body).toEqual({ total: 2, repeated: false });
    expect(first.headers['consistency-token']).toMatch(/^counters:\d+$/);
    expect(again.body).toEqual({ total: 2, repeated: true });
  });

  it('refuses the same key with another body', async () => {
    const headers = { 'idempotency-key': 'k2' };
    await service.http('POST', '/v1/counters', { name: 'b', by: 1 }, headers);
    const other = await service.http('POST', '/v1/counters', { name: 'b', by: 9 }, headers);
    expect(other.body).toEqual({ refused: 'idempotency-key-reused' });
  });

  it('names field and rule of a bad body', async () => {
    const { status, body, headers } = await service.http('POST', '/v1/counters', { by: 1.5, x: 1 });
    expect(status).toBe(422);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body.type).toBe('urn:oms:problem:invalid-request');
    expect(body.errors).toEqual([
      { field: 'name', code: 'required', message: 'is required' },
      { field: 'by', code: 'type', message: 'must be a whole number' },
      { field: 'x', code: 'unknown-field', message: 'is not known; there are name, by' },
    ]);
  });

  it('needs a key, except where a route is public', async () => {
    const none = { authorization: '' };
    expect((await service.http('POST', '/v1/counters', {}, none)).status).toBe(401);
    expect((await service.http('GET', '/v1/counters/public', undefined, none)).status).toBe(200);
    expect((await service.http('GET', '/health/live', undefined, none)).status).toBe(200);
  });

  it('tells every fault of a body in one answer, and where it stops', async () => {
    const { body } = await service.http('POST', '/v1/counters', { name: '', by: 0, x: 1, y: 2 });
    expect(body.errors.map(({ field, code }: FieldError) => `${field} ${code}`)).toEqual([
      'name min-length',
      'by minimum',
      'x unknown-field',
      'y unknown-field',
    ]);
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`f${index}`, 1]));
    const { body: cut } = await service.http('POST', '/v1/counters', many);
    expect(cut.errors).toHaveLength(ERRORS_MAX + 1);
    expect(cut.detail).toMatch(/; f2 is not known; there are name, by; and 46 more$/);
  });

  it('answers unknown routes with problems', async () => {
    const missing = await service.http('GET', '/v1/nowhere?x=1');
    expect([missing.status, missing.body.code, missing.body.title]).toEqual([
      404,
      'not-found',
      'There is nothing at /v1/nowhere',
    ]);
  });

  it.each<[string, string, object, number, string, RegExp]>([
    ['broken JSON', '{', {}, 400, 'bad-request', /^The body is not JSON: Expected/],
    ['a name of prototypes', '{"__proto__":1}', {}, 422, 'invalid-request', /__proto__/],
    ['deep JSON', '['.repeat(900_000), {}, 422, 'invalid-request', /deeper than 64 levels/],
    ['bytes that are no UTF-8', '{"name":"\xff"}', {}, 400, 'bad-request', /not UTF-8/],
    ['text', 'x', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type', /n\/json/],
    [
      'a form',
      'name=a&by=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported-media-type',
      /application\/json/,
    ],
    ['a file', 'a,b', { 'content-type': 'text/csv' }, 415, 'unsupported-media-type', /n\/json/],
    ['no type', '{}', { 'content-type': '' }, 415, 'unsupported-media-type', /application\/json/],
    ['no such type', '{}', { 'content-type': '?' }, 415, 'unsupported-media-type', /n\/json/],
    [
      'another charset',
      '{}',
      { 'content-type': 'application/json; charset="latin1"' },
      415,
      'unsupported-media-type',
      /charset latin1/,
    ],
    ['a packed body', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type', /gzip/],
  ])('says why it does not take %s', async (_, text, headers, status, code, words) => {
    const answer = await service.http('POST', '/v1/counters', Buffer.from(text, 'latin1'), {
      'content-type': 'application/json',
      ...headers,
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(`${answer.body.title} ${answer.body.detail}`).toMatch(words);
  });

  it('takes nothing for a body, whatever its type is said to be', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8']) {
      const headers = { 'content-type': type, 'content-length': '0' };
      const answer = await service.http('POST', '/v1/counters/reset', '', headers);
      expect([type, answer.status]).toEqual([type, 201]);
    }
  });

  it('refuses a body and parameters where a route takes none', async () => {
    const body = await service.http('POST', '/v1/counters/reset', { why: 'so' });
    expect([body.status, body.body.detail]).toEqual([
      422,
      'why is not known: nothing is taken here',
    ]);
    expect((await service.http('POST', '/v1/counters/reset', {})).status).toBe(201);
    for (const path of ['/v1/counters/public', '/health/live']) {
      const { status, body: told } = await service.http('GET', `${path}?limit=1`);
      expect([path, status, told.errors?.[0]?.field]).toEqual([path, 422, 'limit']);
    }
  });

  it.each(['%zz', '%ff', '%ed%a0%80', '%'])(
    'says that an address is none, in path and query: %s',
    async (text) => {
      for (const url of [`/v1/counters/${text}`, `/v1/counters/public?x=${text}`]) {
        const { status, body, headers } = await service.http('GET', url);
        expect([url, status, body.status]).toEqual([url, 400, 400]);
        expect(headers['content-type']).toContain('application/problem+json');
      }
    },
  );

  it('says which methods an address has', async () => {
    const patched = await service.http('PATCH', '/v1/counters');
    expect([patched.status, patched.headers.allow, patched.body.title]).toEqual([
      405,
      'OPTIONS, POST',
      'PATCH is not possible here; there are OPTIONS, POST',
    ]);
    const deleted = await service.http('DELETE', '/v1/counters/public');
    expect([deleted.status, deleted.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await service.http('OPTIONS', '/v1/counters/public');
    expect([options.status, options.body, options.headers.allow]).toEqual([
      204,
      '',
      'GET, HEAD, OPTIONS',
    ]);
    const head = await service.http('HEAD', '/v1/counters/public');
    expect([head.status, head.body]).toEqual([200, '']);
    expect((await service.http('OPTIONS', '/v1/nowhere')).status).toBe(404);
  });

  it('describes its routes and the bodies that they check', async () => {
    const { status, body } = await service.http('GET', '/openapi.json');
    expect(status).toBe(200);
    const { post } = body.paths['/v1/counters'];
    expect(post.requestBody.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/CountBody',
    });
    expect(body.components.schemas.CountBody.properties.by).toMatchObject({
      type: 'integer',
      minimum: 1,
    });
    expect((await service.http('GET', '/docs')).status).toBe(200);
  });
});
