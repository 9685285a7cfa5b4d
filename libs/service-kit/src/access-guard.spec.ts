import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import {
  AccessGuard,
  CurrentPrincipal,
  Needs,
  NeedsAnyKey,
  Public,
  type Principal,
} from './access.js';
import { keepGate } from './gate.js';
import { listenerOptions } from './listener.js';
import { declaredRoutes, refuseUndeclaredRoutes } from './declared-routes.js';
import { ChannelAware } from './limits.js';
import { actionsOf } from './permissions.js';
import { ProblemFilter } from './problem.filter.js';
import { rateLimits } from './rate-limit.js';

@Controller('v1/things')
class ThingsController {
  @Get('read')
  @Needs('orders:read')
  read() {
    return 'read';
  }

  @Get('write')
  @Needs('orders:write')
  write() {
    return 'written';
  }

  @Get('mine')
  @Needs('orders:read')
  @ChannelAware()
  mine(@CurrentPrincipal() { channels }: Principal) {
    return channels ?? [];
  }

  @Get('me')
  @NeedsAnyKey()
  me(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }

  @Get('open')
  @Public()
  open() {
    return 'open';
  }
}

@Controller(['v1/silent', 'v1/quiet'])
class SilentController {
  @Get(':id::peek')
  peek() {
    return 'nobody said who may';
  }
}

const HOLDERS: Readonly<Record<string, Principal>> = {
  viewer: { id: 'v', name: 'viewer', actions: actionsOf(['viewer']) },
  nobody: { id: 'n', name: 'nobody', actions: actionsOf(['king']) },
  shop: { id: 's', name: 'shop', actions: actionsOf(['viewer']), channels: ['web'] },
  slow: { id: 'w', name: 'slow', actions: actionsOf(['viewer']), ratePerSecond: 1 },
};

/** The only proxy whose word is taken. */
const GATEWAY = '10.0.0.1';

const appOf = async (controllers: (typeof ThingsController | typeof SilentController)[]) => {
  @Module({
    controllers,
    providers: [
      { provide: APP_FILTER, useValue: new ProblemFilter(pino({ level: 'silent' })) },
      {
        provide: APP_GUARD,
        useFactory: (reflector: Reflector) => new AccessGuard(reflector),
        inject: [Reflector],
      },
    ],
  })
  class TestModule {}
  const adapter = new FastifyAdapter(listenerOptions([GATEWAY]));
  const created = await NestFactory.create<NestFastifyApplication>(TestModule, adapter, {
    logger: false,
  });
  keepGate(created, {
    authenticate: async (bearer) => HOLDERS[bearer],
    // The time stands still: no bucket fills again, however slow the machine is.
    limits: rateLimits(() => 0),
  });
  return created;
};

let app: NestFastifyApplication;
beforeEach(async () => {
  app = await appOf([ThingsController]);
  await app.init();
});
afterEach(() => app.close());

const ask = async (path: string, key?: string, remoteAddress = '10.0.0.1', via?: string) => {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(via !== undefined && { 'x-forwarded-for': via }),
  };
  const answer = await app.inject({ url: `/v1/things/${path}`, headers, remoteAddress });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
};
const codeOf = ({ body }: { readonly body: string }): string => JSON.parse(body).code;

describe('a route', () => {
  it('lets in whose key allows what it needs, and tells the others what that is', async () => {
    expect((await ask('read', 'viewer')).status).toBe(200);
    const refused = await ask('write', 'viewer');
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'forbidden',
      action: 'orders:write',
      title: 'This key does not allow orders:write',
    });
    expect((await ask('read', 'nobody')).status).toBe(403);
  });

  it('lets nobody in without a valid key, unless it is public', async () => {
    for (const key of [undefined, 'stranger']) {
      const { status, headers } = await ask('read', key);
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect((await ask('me', key)).status).toBe(401);
    }
    expect((await ask('open')).status).toBe(200);
    expect((await ask('me', 'nobody')).status).toBe(200);
  });

  it('is closed to keys of single channels, unless it keeps to them', async () => {
    const refused = await ask('read', 'shop');
    expect([refused.status, codeOf(refused)]).toEqual([403, 'channel-key']);
    expect(await ask('mine', 'shop')).toMatchObject({ status: 200, body: '["web"]' });
    expect(await ask('mine', 'viewer')).toMatchObject({ status: 200, body: '[]' });
  });
});

describe('too many requests', () => {
  const until429 = async (path: string, key?: string, address?: string) => {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const answer = await ask(path, key, address);
      if (answer.status === 429) return answer;
    }
    throw new Error('Never too many');
  };

  it('of one key wait, and nobody else does', async () => {
    const { headers, body } = await until429('read', 'slow');
    expect(headers['retry-after']).toBe('1');
    expect(headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: 1 });
    expect((await ask('read', 'viewer')).status).toBe(200);
  });

  it('without a valid key are counted by address, and keep no valid key out', async () => {
    await until429('read', 'stranger', '10.0.0.7');
    expect((await ask('read', 'viewer', '10.0.0.7')).status).toBe(200);
    expect((await ask('read', 'stranger', '10.0.0.8')).status).toBe(401);
    expect((await ask('open', undefined, '10.0.0.7')).status).toBe(200);
  });
});

describe('callers behind a gateway', () => {
  it('are told apart by what it says, and not by what they say themselves', async () => {
    const caller = '203.0.113.9';
    for (let tries = 0; tries < 100; tries += 1)
      expect((await ask('read', 'stranger', GATEWAY, `192.0.2.${tries}, ${caller}`)).status).toBe(
        401,
      );
    expect((await ask('read', 'stranger', GATEWAY, `192.0.2.1, ${caller}`)).status).toBe(429);
    expect((await ask('read', 'stranger', GATEWAY, '203.0.113.10')).status).toBe(401);
    expect((await ask('read', 'stranger', caller, '192.0.2.1')).status).toBe(429);
    // A neighbour in a private network is no proxy because of that.
    for (let tries = 0; tries < 100; tries += 1)
      await ask('read', 'stranger', '10.0.0.2', `192.0.2.${tries}`);
    expect((await ask('read', 'stranger', '10.0.0.2', '192.0.2.200')).status).toBe(429);
  });
});

describe('the routes of an application', () => {
  it('are known with what they need', () =>
    expect(declaredRoutes(app)).toEqual(
      [
        ['me', 'any-key', false],
        ['mine', 'orders:read', true],
        ['open', 'public', false],
        ['read', 'orders:read', false],
        ['write', 'orders:write', false],
      ].map(([name, need, isChannelAware]) => ({
        method: 'GET',
        path: `/v1/things/${String(name)}`,
        need,
        isChannelAware,
        inputs: { takesFile: false },
        isLocationAware: false,
      })),
    ));

  it('are refused as a whole where one does not say who may call it', async () => {
    const careless = await appOf([ThingsController, SilentController]);
    expect(() => refuseUndeclaredRoutes(careless)).toThrow(
      'Say who may call GET /v1/quiet/{id}:peek, GET /v1/silent/{id}:peek: @Needs',
    );
    expect(() => refuseUndeclaredRoutes(app)).not.toThrow();
    await careless.close();
  });
});
