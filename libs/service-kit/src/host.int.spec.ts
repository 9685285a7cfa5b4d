import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { Id, Quantity, contracts } from '@throughline/contracts';
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
      { field: 'x', code: 'unknown-field', message: 'is not a known field' },
      { field: 'by', code: 'type', message: 'must be integer' },
    ]);
  });

  it('needs a key, except where a route is public', async () => {
    const none = { authorization: '' };
    expect((await service.http('POST', '/v1/counters', {}, none)).status).toBe(401);
    expect((await service.http('GET', '/v1/counters/public', undefined, none)).status).toBe(200);
    expect((await service.http('GET', '/health/live', undefined, none)).status).toBe(200);
  });

  it('answers unknown routes and broken JSON with problems', async () => {
    const missing = await service.http('GET', '/v1/nowhere');
    const broken = await service.http('POST', '/v1/counters', '{', {
      'content-type': 'application/json',
    });
    expect([missing.status, missing.body.status]).toEqual([404, 404]);
    expect([broken.status, broken.body.status]).toEqual([400, 400]);
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
