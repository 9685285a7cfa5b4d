import { applyDecorators } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unauthorized, type Authenticate, type AuthenticatedRequest } from './access.js';
import { declaredRoutes, openApiPath } from './declared-routes.js';
import { leaveContinueToGate, lingerOnClose } from './listener.js';
import { isLocal, METRICS_PATH } from './observation.js';
import { hasBody, OpenRequests, SHARES, type Kind, type Share } from './open-requests.js';
import { sendProblem } from './problem.filter.js';
import type { Problem } from './problem.js';
import { rateLimits, type RateLimits } from './rate-limit.js';

const BEARER = /^Bearer +(\S+)$/i;
const API = '/v1';
const RETRY_AFTER_SECONDS = 1;

type KindOfRoute = { readonly file?: string; readonly stream?: boolean };

/** A route whose answer goes on and on (`KeyStillValid`: it ends with its key); each key has a share of such answers. */
export const LiveStream = (): MethodDecorator =>
  applyDecorators(RouteConfig({ stream: true } satisfies KindOfRoute));

export type GateOptions = {
  readonly authenticate: Authenticate;
  readonly limits?: RateLimits;
  readonly requests?: OpenRequests;
  /** What a request occupies, where its route does not tell. */
  readonly kindOf?: (request: FastifyRequest) => Kind;
};

/**
 * Looks at the key of each request before anything of it is read, parsed, waited for or looked up. Who has none is
 * answered at once, and the connection closed with what still comes on it; who has one gets a share.
 */
export const keepGate = (app: NestFastifyApplication, options: GateOptions): void => {
  const { authenticate, limits = rateLimits(), kindOf = kindOfRoute } = options;
  const { requests = new OpenRequests() } = options;
  const needsKey = keyedRoutes(app);
  leaveContinueToGate(app);
  lingerOnClose(app);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onReady', (done) => {
    requests.start();
    done();
  });
  fastify.addHook('onClose', (_, done) => {
    requests.stop();
    done();
  });

  fastify.addHook('onRequest', (request: AuthenticatedRequest, reply, done) => {
    if (!needsKey(request)) {
      // Nothing here takes a body.
      if (hasBody(request)) void reply.header('Connection', 'close');
      return done();
    }
    const bearer = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) return refuseStranger(limits, request, reply, bearer);
    authenticate(bearer).then((principal) => {
      if (!principal) return refuseStranger(limits, request, reply, bearer);
      const { id, ratePerSecond } = principal;
      const waitSeconds = limits.keys.take(id, ratePerSecond);
      if (waitSeconds > 0) return refuse(request, reply, tooMany(waitSeconds));
      const kind = kindOf(request);
      const usedUp = requests.enter(id, kind, request, reply);
      if (usedUp) {
        // What else was sent ahead on it is not looked at.
        if (usedUp === 'connection') void reply.header('Connection', 'close');
        return refuse(request, reply, shareUsedUp(usedUp));
      }
      request.principal = principal;
      if (kind === 'stream')
        request.stillValid = async () => (await authenticate(bearer)) !== undefined;
      if (request.headers.expect !== undefined) reply.raw.writeContinue();
      done();
    }, done);
  });
};

/**
 * Everything below `/v1` but what is declared public, addresses at which there is nothing included; and the metrics, for
 * programs elsewhere.
 */
const keyedRoutes = (app: NestFastifyApplication): ((request: FastifyRequest) => boolean) => {
  const open = new Set(
    declaredRoutes(app)
      .filter(({ need, path }) => need === 'public' && path.startsWith(API))
      .map(({ method, path }) => `${method} ${path}`),
  );
  return (request) => {
    const { routeOptions, url, method } = request;
    // What the router made of the address, and not how it was written.
    const route = routeOptions.url ?? url;
    if (route === METRICS_PATH) return !isLocal(request);
    return route.startsWith(API) && !(open.size > 0 && open.has(`${method} ${openApiPath(route)}`));
  };
};

export const kindOfRoute = ({ routeOptions }: FastifyRequest): Kind => {
  const { file, stream } = (routeOptions.config ?? {}) as KindOfRoute;
  if (stream) return 'stream';
  return file === undefined ? 'request' : 'file';
};

/** Only refusals are counted by address, so that nobody is kept out by who else comes from there. */
const refuseStranger = (
  { failures }: RateLimits,
  request: FastifyRequest,
  reply: FastifyReply,
  bearer: string | undefined,
): void => {
  const waitSeconds = failures.take(request.ip);
  void reply.header('WWW-Authenticate', 'Bearer').header('Connection', 'close');
  refuse(request, reply, waitSeconds > 0 ? tooMany(waitSeconds) : unauthorized(bearer));
};

/** Answers without reading what else comes. */
const refuse = (request: FastifyRequest, reply: FastifyReply, problem: Problem): void => {
  const { retryAfterSeconds } = problem;
  if (hasBody(request)) void reply.header('Connection', 'close');
  if (typeof retryAfterSeconds === 'number') void reply.header('Retry-After', retryAfterSeconds);
  sendProblem(reply, problem);
};

const tooMany = (retryAfterSeconds: number): Problem => ({
  code: 'too-many-requests',
  title: 'More requests than are let through; come back a little later',
  status: 429,
  retryAfterSeconds,
});

const HOLDERS: Readonly<Record<Share, string>> = {
  request: 'This key has',
  file: 'This key has',
  stream: 'This key has',
  connection: 'This connection has',
};
const NAMES: Readonly<Record<Share, string>> = {
  request: 'requests',
  file: 'files',
  stream: 'live streams',
  connection: 'requests without an answer',
};

const shareUsedUp = (share: Share): Problem => ({
  code: 'share-used-up',
  title: `${HOLDERS[share]} ${SHARES[share]} ${NAMES[share]} under way at this process, which is its share`,
  status: 429,
  retryAfterSeconds: RETRY_AFTER_SECONDS,
  share: NAMES[share],
  most: SHARES[share],
});
