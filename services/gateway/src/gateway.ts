import 'reflect-metadata';
import { httpProxy } from './proxy.js';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  answerWhereNothingIs,
  FILE_TYPES,
  keepGate,
  listenerOptions,
  measureHttp,
  ProblemFilter,
  Public,
  secure,
  StartPageController,
  TRUSTED_PROXIES_DEFAULT,
  type Authenticate,
  type Kind,
} from '@throughline/service-kit';
import { descriptionOf } from './api-description.js';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { upstreamFor, type Upstream } from './routes.js';

@Controller('health')
@Public()
class GatewayHealthController {
  /** The gateway holds nothing and asks nobody: it is ready when it answers. */
  @Get(['live', 'ready'])
  up(): { status: 'up' } {
    return { status: 'up' };
  }
}

@Module({})
class GatewayModule {}

export type GatewayOptions = {
  readonly upstreams: readonly Upstream[];
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  /** Whose word for the address of a caller is taken (`X-Forwarded-For`). */
  readonly trustedProxies?: readonly string[];
};

/** What services are asked with; which of these an address has, they say. */
const FORWARDED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

/** Only files take long to come; live streams are counted by who serves them. */
const kindOf = ({ headers }: FastifyRequest): Kind =>
  FILE_TYPES.some((type) => headers['content-type']?.startsWith(type)) ? 'file' : 'request';

/**
 * One origin before all services: each request goes to the service that owns its path, unchanged. Strangers and what a key
 * has beyond its share do not reach a service.
 */
export const createGateway = async ({
  upstreams,
  authenticate,
  logger,
  trustedProxies = TRUSTED_PROXIES_DEFAULT,
}: GatewayOptions): Promise<NestFastifyApplication> => {
  const root: DynamicModule = {
    module: GatewayModule,
    controllers: [GatewayHealthController, StartPageController],
    providers: [{ provide: APP_FILTER, useValue: new ProblemFilter(logger) }],
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new FastifyAdapter(listenerOptions(trustedProxies)),
    { logger: false, abortOnError: false },
  );
  measureHttp(app, () => 'gateway');
  await secure(app);
  keepGate(app, { authenticate, kindOf });
  answerWhereNothingIs(app, (url) => (upstreamFor(upstreams, url) ? FORWARDED : []));
  await httpProxy(app.getHttpAdapter().getInstance(), upstreams);
  const describe = descriptionOf(upstreams);
  const empty = new DocumentBuilder()
    .setTitle('Throughline')
    .setDescription('Order management: orders, stock, routing, fulfillment, shipping, returns.')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  SwaggerModule.setup(
    'docs',
    app,
    { ...empty, paths: {} },
    {
      jsonDocumentUrl: 'openapi.json',
      patchDocumentOnRequest: (_request, _response, document) => describe(document),
    },
  );
  await app.init();
  return app;
};
