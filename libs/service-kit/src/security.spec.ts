import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { secure } from './security.js';

@Controller()
class PagesController {
  @Get('v1/orders')
  orders() {
    return [];
  }

  @Get('docs')
  docs() {
    return 'docs';
  }
}

@Module({ controllers: [PagesController] })
class PagesModule {}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(PagesModule, new FastifyAdapter(), {
    logger: false,
  });
  await secure(app);
  await app.init();
});
afterAll(() => app.close());
const headersOf = async (url: string) => (await app.inject({ url })).headers;

it.each(['/v1/orders', '/docs', '/nowhere'])(
  '%s answers with every security header',
  async (url) => {
    const headers = await headersOf(url);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /default-src '(self|none)'.*frame-ancestors 'none'/,
      ),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
    });
    // Pages are served over plain HTTP too, where this would break them.
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect([headers['x-powered-by'], headers.server]).toEqual([undefined, undefined]);
  },
);

it('keeps what the API answers out of caches, and lets pages be cached', async () => {
  expect((await headersOf('/v1/orders?limit=1'))['cache-control']).toBe('no-store');
  expect((await headersOf('/docs'))['cache-control']).toBeUndefined();
});
