import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pace } from '@throughline/kernel';
import type { ProjectionRunner } from '@throughline/read-model';

const CONSISTENCY_WAIT_MS = 2_000;

/** Postgres cannot hold NUL in text, so no address can name anything that has one. */
export const refuseNul = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!/%00/.test(request.url)) return;
      await reply.status(400).type('application/problem+json').send({
        type: 'urn:oms:problem:nul-in-address',
        code: 'nul-in-address',
        title: 'The address contains a NUL character (%00)',
        status: 400,
      });
    });
};

/** Tells the work behind the requests how many orders are just being taken in. */
export const countIntake = (
  app: NestFastifyApplication,
  pace: Pace,
  intake: ReadonlySet<string>,
): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (request.method === 'POST' && intake.has(request.url)) {
        pace.requestBegins();
        reply.raw.once('close', () => pace.requestEnds());
      }
      done();
    });
};

/** A request that brings a consistency token waits until that service's rows hold what it names. */
export const waitForTokens = (
  app: NestFastifyApplication,
  projectionsOf: (service: string) => readonly ProjectionRunner[],
): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request) => {
    const token = request.headers['consistency-token'];
    if (typeof token !== 'string' || request.method !== 'GET') return;
    const [name = '', position = ''] = token.split(':');
    if (!/^\d{1,19}$/.test(position)) return;
    await Promise.all(
      projectionsOf(name).map((one) => one.caughtUp(BigInt(position), CONSISTENCY_WAIT_MS)),
    );
  });
};
