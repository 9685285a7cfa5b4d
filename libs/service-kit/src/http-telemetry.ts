import { AsyncLocalStorage } from 'node:async_hooks';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  addToLogContext,
  counter,
  histogram,
  markFailed,
  openSpan,
  withLogContext,
} from '@throughline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

const requests = counter(
  { name: 'oms_http_requests_total', help: 'Requests answered, by route template' },
  ['service', 'route', 'method', 'status'],
);
const seconds = histogram(
  { name: 'oms_http_request_seconds', help: 'From the request until its answer was sent' },
  ['service', 'route', 'method'],
);

/** Addresses that no route takes: one label for all, or strangers could make up any number of them. */
const UNMATCHED = 'unmatched';
/** Not a status of ours: the client went away before it was answered. */
const CLIENT_GONE = '499';
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
/** What asks about the process itself is not traffic. */
const PROBES = new Set(['/health/live', '/health/ready', '/metrics']);
/** Routes whose `:id` is an order. */
const ORDERS = '/v1/orders/:id';

export type ServiceRoutes = {
  readonly service: string;
  readonly controllers: readonly Type[];
};
/** Tells which service answers a route template. */
export type RouteOwner = (route: string) => string;

const pathsOf = (target: object): readonly string[] =>
  [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined]
    .flat()
    .filter((path) => path !== undefined);

/** The route template of a controller's method; a literal colon, which Fastify wants doubled, is one. */
const templateOf = (...paths: readonly string[]): string =>
  `/${paths
    .flatMap((path) => path.split('/'))
    .filter((part) => part !== '')
    .join('/')
    .replaceAll('::', ':')}`;

const templatesOf = (controller: Type): readonly string[] => {
  const { prototype } = controller as { readonly prototype: object };
  const methods = Object.values(Object.getOwnPropertyDescriptors(prototype))
    .map(({ value }) => value as unknown)
    .filter((value) => typeof value === 'function');
  return pathsOf(controller).flatMap((base) =>
    methods.flatMap(pathsOf).map((path) => templateOf(base, path)),
  );
};

/**
 * Tells whose controller answers a route, or who is named in it (`/v1/<service>/...`). What is nobody's, such
 * as the API's description, is `shared`; in a process of one service it is that one's.
 */
export const routeOwners = (services: readonly ServiceRoutes[]): RouteOwner => {
  const owners = new Map(
    services.flatMap(({ service, controllers }) =>
      controllers.flatMap(templatesOf).map((template) => [template, service] as const),
    ),
  );
  const names = new Set(services.map(({ service }) => service));
  const others = services.length === 1 ? services[0]!.service : 'shared';
  return (route) => {
    const [, , named = ''] = route.split('/');
    return owners.get(route) ?? (names.has(named) ? named : others);
  };
};

const routeOf = ({ is404, routeOptions }: FastifyRequest): string =>
  is404 || routeOptions.url === undefined ? UNMATCHED : templateOf(routeOptions.url);

const statusOf = ({ raw }: FastifyReply): string =>
  raw.writableEnded ? String(raw.statusCode) : CLIENT_GONE;

/** What a request's path says about the order that it is about. */
const orderIdOf = (route: string, params: unknown): string | undefined => {
  const { orderId, id } = (params ?? {}) as { readonly orderId?: string; readonly id?: string };
  return orderId ?? (route.startsWith(ORDERS) ? id : undefined);
};

type Around = <Result>(work: () => Result) => Result;

/**
 * Counts and times every request by route template, gives it a span (the child of its `traceparent`) and a
 * log context, in both of which its handler runs. Call it before any other hook, so that refusals count too.
 */
export const measureHttp = (app: NestFastifyApplication, ownerOf: RouteOwner): void => {
  const around = new WeakMap<FastifyRequest, Around>();
  const fastify = app.getHttpAdapter().getInstance();

  fastify.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request);
    if (PROBES.has(route)) return done();
    const service = ownerOf(route);
    const method = METHODS.has(request.method) ? request.method : 'OTHER';
    const parent = request.headers.traceparent;
    const { span, enter } = openSpan(`${method} ${route}`, {
      role: 'server',
      ...(typeof parent === 'string' && { parent }),
      attributes: { service, 'http.request.method': method, 'http.route': route },
    });
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const status = statusOf(reply);
      requests.inc({ service, route, method, status });
      seconds.observe({ service, route, method }, (performance.now() - startedAt) / 1_000);
      span.setAttribute('http.response.status_code', Number(status));
      if (reply.raw.statusCode >= 500) markFailed(span, { name: status });
      span.end();
    });
    enter(() =>
      withLogContext({ service }, () => {
        around.set(request, AsyncLocalStorage.snapshot() as Around);
        done();
      }),
    );
  });

  // A body arrives in events of its socket, outside of the context that the first hook made.
  fastify.addHook('preValidation', (request, _, done) => {
    const enter = around.get(request);
    if (!enter) return done();
    enter(() => {
      const orderId = orderIdOf(routeOf(request), request.params);
      if (orderId !== undefined) addToLogContext({ orderId });
      done();
    });
  });
};
