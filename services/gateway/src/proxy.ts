import proxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { upstreamFor, type Upstream } from './routes.js';

/** A service answers within its own deadlines, which are shorter. */
const ANSWER_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_SERVICE = 256;
const RETRY_AFTER_SECONDS = 1;

const problem = (reply: FastifyReply, status: number, code: string, title: string): FastifyReply =>
  reply
    .status(status)
    .type('application/problem+json')
    .send({ type: `urn:oms:problem:${code}`, code, title, status });

/** Forwards everything below `/v1`; a service that is away is answered for with 503, which clients repeat. */
export const httpProxy = async (
  fastify: FastifyInstance,
  upstreams: readonly Upstream[],
): Promise<void> => {
  let turn = 0;
  await fastify.register(proxy, {
    upstream: '',
    prefix: '/v1',
    rewritePrefix: '/v1',
    undici: {
      connections: CONNECTIONS_PER_SERVICE,
      headersTimeout: ANSWER_TIMEOUT_MS,
      // Live updates are answers that go on and on.
      bodyTimeout: 0,
    },
    preHandler: (request, reply, done) => {
      if (upstreamFor(upstreams, request.url)) return done();
      void problem(reply, 404, 'not-found', `There is nothing at ${request.url.split('?')[0]}`);
    },
    replyOptions: {
      // Services limit refusals by the address of the caller, which is not ours.
      rewriteRequestHeaders: ({ socket }, headers) => {
        const via = [headers['x-forwarded-for'], socket.remoteAddress].flat();
        return { ...headers, 'x-forwarded-for': via.filter(Boolean).join(', ') };
      },
      getUpstream: (request) => {
        const { urls } = upstreamFor(upstreams, (request as FastifyRequest).url)!;
        turn += 1;
        return urls[turn % urls.length]!;
      },
      onError: (reply) => {
        void reply.header('Retry-After', RETRY_AFTER_SECONDS);
        const away =
          'The service behind this address is away; the outcome of a write is unknown: repeat it';
        void problem(reply as unknown as FastifyReply, 503, 'service-away', away);
      },
    },
  });
};
