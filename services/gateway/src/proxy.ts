import proxy, { type FastifyHttpProxyOptions } from '@fastify/http-proxy';
import { FILE_TYPES, sendProblem } from '@throughline/service-kit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { upstreamFor, type Upstream } from './routes.js';

/** A service answers within its own deadlines, which are shorter. */
const ANSWER_TIMEOUT_MS = 10_000;
/** More than several keys can use up with their shares (`SHARES`); they are opened as they are needed. */
const CONNECTIONS_PER_SERVICE = 2_048;
const RETRY_AFTER_SECONDS = 1;

const NO_TYPE = 'application/octet-stream';

/** Bodies are taken whole, as the bytes that they are; a file is passed on as it comes. */
const takeBodies = (fastify: FastifyInstance): void => {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  fastify.addContentTypeParser([...FILE_TYPES], (_request, payload, done) => done(null, payload));
};

/**
 * Forwards everything below `/v1`; a service that is away is answered for with 503, which clients repeat. Only whole
 * bodies are forwarded, so that a slow one holds no connection to a service; a key has few files at a time.
 */
export const httpProxy = async (
  fastify: FastifyInstance,
  upstreams: readonly Upstream[],
): Promise<void> => {
  await fastify.register(async (api) => {
    takeBodies(api);
    await api.register(proxy, {
      upstream: '',
      prefix: '/v1',
      rewritePrefix: '/v1',
      proxyPayloads: false,
      undici: {
        connections: CONNECTIONS_PER_SERVICE,
        headersTimeout: ANSWER_TIMEOUT_MS,
        // Live updates are answers that go on and on.
        bodyTimeout: 0,
      },
      preHandler: (request, reply, done) => {
        if (upstreamFor(upstreams, request.url)) return done();
        const title = `There is nothing at ${request.url.split('?')[0]}`;
        sendProblem(reply, { code: 'not-found', title, status: 404 });
      },
      handler: ({ body, headers }, reply, destination, options) => {
        const contentType = headers['content-type'] ?? NO_TYPE;
        return reply.from(
          destination,
          Buffer.isBuffer(body) ? { ...options, body, contentType } : options,
        );
      },
      replyOptions: forwarding(upstreams),
    });
  });
};

const forwarding = (
  upstreams: readonly Upstream[],
): NonNullable<FastifyHttpProxyOptions['replyOptions']> => {
  let turn = 0;
  return {
    rewriteRequestHeaders: ({ ip }, headers) => {
      // The gate has answered `Expect`. Who asks is told as far as it is known here, not as callers say.
      const forwarded = { ...headers, 'x-forwarded-for': ip };
      delete forwarded.expect;
      return forwarded;
    },
    getUpstream: ({ url }) => {
      const { urls } = upstreamFor(upstreams, url)!;
      turn += 1;
      return urls[turn % urls.length]!;
    },
    onError: (reply) => {
      const title =
        'The service behind this address is away; the outcome of a write is unknown: repeat it';
      void reply.header('Retry-After', RETRY_AFTER_SECONDS);
      sendProblem(reply as unknown as FastifyReply, { code: 'service-away', title, status: 503 });
    },
  };
};
