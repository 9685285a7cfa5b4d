import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const YEAR_SECONDS = 365 * 24 * 3_600;

/**
 * Security headers on every answer: nothing of ours is framed, sniffed, cached by browsers or fed with scripts
 * of elsewhere. The pages at `/docs` and the console live with the same rules.
 */
export const secure = async (app: NestFastifyApplication): Promise<void> => {
  await app.register(helmet, {
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
    // Browsers keep to it only where they came by TLS; what else the domain serves is not ours to decide.
    strictTransportSecurity: { maxAge: YEAR_SECONDS, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (request.url.startsWith('/v1/')) void reply.header('Cache-Control', 'no-store');
      done();
    });
};
