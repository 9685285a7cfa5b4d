import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Param, Post, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import {
  currentTraceparent,
  exposition,
  logContext,
  startTracing,
  type Tracing,
} from '@throughline/telemetry';
import { until } from '@throughline/testing';
import { measureHttp, routeOwners, type ServiceRoutes } from './http-telemetry.js';
import { serveMetricsHere } from './observation.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
type Json = ReturnType<typeof JSON.parse>;

const where = () => ({ traceparent: currentTraceparent(), log: logContext() });
const arrived: string[] = [];

@Controller('v1/orders')
class OrdersController {
  @Post(':id/notes')
  async note(@Param('id') id: string, @Body() body: object) {
    await new Promise((resolve) => setImmediate(resolve));
    return { id, body, ...where() };
  }

  @Get('never')
  never() {
    arrived.push('never');
    return new Promise(() => undefined);
  }

  @Get('broken')
  broken() {
    throw new Error('canary words');
  }
}

@Controller()
class BatchesController {
  @Post('v1/orders::batch')
  batch() {
    return where();
  }
}

@Controller('v1/stock')
class StockController {
  @Get()
  list() {
    return where();
  }
}

@Controller('v1/inventory/dead-letters')
class DeadLettersController {
  @Get()
  list() {
    return [];
  }
}

@Module({})
class RootModule {}

const services: readonly ServiceRoutes[] = [
  { service: 'order-capture', controllers: [OrdersController, BatchesController] },
  { service: 'inventory', controllers: [StockController] },
];
const root: DynamicModule = {
  module: RootModule,
  controllers: [...services.flatMap(({ controllers }) => controllers), DeadLettersController],
};

let app: NestFastifyApplication;
let tracing: Tracing;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  tracing = await startTracing({ service: 'spec', exporter, ratio: 1 });
  app = await NestFactory.create(root, new FastifyAdapter(), { logger: false });
  measureHttp(app, routeOwners(services));
  serveMetricsHere(app);
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await tracing.stop();
});
afterEach(() => exporter.reset());

const origin = () =>
  `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}` as const;
const jsonOf = (answer: Response): Promise<Json> => answer.json();
const send = (path: string, options: RequestInit = {}) => fetch(`${origin()}${path}`, options);
const post = (path: string, headers: Record<string, string> = {}) =>
  send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    // Larger than what arrives together with the headers.
    body: JSON.stringify({ text: 'x'.repeat(200_000) }),
  });
const counted = async (series: string): Promise<number> => {
  const line = (await exposition()).split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
};
const requestsOf = (service: string, route: string, method: string, status: number) =>
  `oms_http_requests_total{service="${service}",route="${route}",method="${method}",status="${status}"}`;
const span = async (name: string) => {
  const find = () => exporter.getFinishedSpans().find((one) => one.name === name);
  await until(async () => find() !== undefined);
  return find()!;
};

it('runs the handler inside the span and the log context of its request, also after its body', async () => {
  const answer = await jsonOf(await post('/v1/orders/o-1/notes', { traceparent: TRACEPARENT }));
  const server = await span('POST /v1/orders/:id/notes');
  expect(server.spanContext().traceId).toBe(TRACE);
  expect(answer.traceparent).toBe(`00-${TRACE}-${server.spanContext().spanId}-01`);
  expect(answer.log).toEqual({ service: 'order-capture', orderId: 'o-1', traceId: TRACE });
  expect(server.attributes).toEqual({
    service: 'order-capture',
    'http.request.method': 'POST',
    'http.route': '/v1/orders/:id/notes',
    'http.response.status_code': 201,
  });
});

it('keeps requests that come together apart', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `o-${index}`);
  const answers = await Promise.all(
    ids.map(async (id) => jsonOf(await post(`/v1/orders/${id}/notes`))),
  );
  expect(answers.map(({ log }) => log.orderId)).toEqual(ids);
  expect(new Set(answers.map(({ log }) => log.traceId)).size).toBe(ids.length);
});

it('begins a trace of its own where the traceparent is none', async () => {
  const answer = await jsonOf(await post('/v1/orders/o-1/notes', { traceparent: '00-no-no-01' }));
  expect(answer.log.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.log.traceId).not.toBe(TRACE);
});

it('counts by the template of the route and by whose it is, whatever stands in the address', async () => {
  await post('/v1/orders/o-2/notes?name=Ada');
  await post('/v1/orders:batch');
  await send('/v1/stock');
  await send('/v1/inventory/dead-letters');
  await send('/v1/nothing/here');
  await send('/wp-login.php');
  await until(async () => (await counted(requestsOf('shared', 'unmatched', 'GET', 404))) === 2);
  expect(await counted(requestsOf('order-capture', '/v1/orders:batch', 'POST', 201))).toBe(1);
  expect(await counted(requestsOf('inventory', '/v1/stock', 'GET', 200))).toBe(1);
  expect(await counted(requestsOf('inventory', '/v1/inventory/dead-letters', 'GET', 200))).toBe(1);
  const text = await exposition();
  expect(text).toContain('route="/v1/orders/:id/notes"');
  expect(text).not.toMatch(/o-2|Ada|wp-login/);
});

it('marks the span of a fault, without its words', async () => {
  expect((await send('/v1/orders/broken')).status).toBe(500);
  const broken = await span('GET /v1/orders/broken');
  expect(broken.status.code).toBe(2);
  expect(JSON.stringify([broken.attributes, broken.events, broken.status])).not.toContain('canary');
});

it('counts a client that went away before it was answered', async () => {
  const request = get(`${origin()}/v1/orders/never`).on('error', () => undefined);
  await until(async () => arrived.includes('never'));
  request.destroy();
  const series = requestsOf('order-capture', '/v1/orders/never', 'GET', 499);
  await until(async () => (await counted(series)) === 1);
});

it('serves what it measures, but does not measure that', async () => {
  const answer = await send('/metrics');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await answer.text()).toContain('# TYPE oms_http_request_seconds histogram');
  expect(await exposition()).not.toContain('route="/metrics"');
});

it('hides its metrics from who comes through a proxy', async () => {
  const answer = await send('/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(answer.status).toBe(403);
  expect(await answer.text()).not.toContain('oms_');
});

it('gives what nobody owns to the only service of a process', () => {
  const alone = routeOwners([{ service: 'access', controllers: [StockController] }]);
  expect([alone('/v1/stock'), alone('/docs'), alone('unmatched')]).toEqual(Array(3).fill('access'));
  expect(routeOwners(services)('/docs')).toBe('shared');
});
