import 'reflect-metadata';
import { httpProxy } from './proxy.js';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { BODY_BYTES_MAX, measureHttp, MetricsController, secure } from '@throughline/service-kit';
import { describeAll } from './api-description.js';
import type { Upstream } from './routes.js';

@Controller('health')
class GatewayHealthController {
  /** The gateway holds nothing and asks nobody: it is ready when it answers. */
  @Get(['live', 'ready'])
  up(): { status: 'up' } {
    return { status: 'up' };
  }
}

@Module({ controllers: [GatewayHealthController, MetricsController] })
class GatewayModule {}

/** One origin before all services: each request goes to the service that owns its path, unchanged. */
export const createGateway = async (
  upstreams: readonly Upstream[],
): Promise<NestFastifyApplication> => {
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule,
    new FastifyAdapter({
      bodyLimit: BODY_BYTES_MAX,
      return503OnClosing: true,
      forceCloseConnections: 'idle',
    }),
    { logger: false, abortOnError: false },
  );
  measureHttp(app, () => 'gateway');
  await secure(app);
  await httpProxy(app.getHttpAdapter().getInstance(), upstreams);
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
      patchDocumentOnRequest: (_request, _response, document) => describeAll(upstreams, document),
    },
  );
  await app.init();
  return app;
};
