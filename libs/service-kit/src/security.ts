import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const YEAR_SECONDS = 365 * 24 * 3_600;
/** Browsers keep to it only where they came by TLS; what else the domain serves is not ours to decide. */
const TRANSPORT = { maxAge: YEAR_SECONDS, includeSubDomains: false };

/**
 * For answers that are data and no pages: constants, because working out a page's headers for each request costs
 * as much as the rest of a small one.
 */
const API_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': `max-age=${TRANSPORT.maxAge}`,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/**
 * Security headers on every answer: nothing of ours is framed, sniffed or fed with scripts of elsewhere, and
 * data are not cached. The pages at `/docs` live with these rules.
 */
export const secure = async (app: NestFastifyApplication): Promise<void> => {
  await app.register(helmet, {
    global: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The API's pages bring their styles inline.
        styleSrc: ["'self'", "'unsafe-inline'"],
      },
    },
    strictTransportSecurity: TRANSPORT,
    xFrameOptions: { action: 'deny' },
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (request.url.startsWith('/v1/')) void reply.headers(API_HEADERS);
      else reply.helmet();
      done();
    });
};
