import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pace } from '@throughline/kernel';
import { streamsAside, type ProjectionRunner } from '@throughline/read-model';
import type { FastifyReply } from 'fastify';
import type { RouteOwner } from './http-telemetry.js';
import type { RunningService } from './running-service.js';

const CONSISTENCY_WAIT_MS = 2_000;
/** For how long the names of what is missing from rows are remembered, and how many an answer names. */
const NAMES_MS = 1_000;
const NAMES_MAX = 20;

/** Tells the work behind the requests how many orders are just being taken in; not before they are there whole. */
export const countIntake = (
  app: NestFastifyApplication,
  pace: Pace,
  intake: ReadonlySet<string>,
): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preValidation', (request, reply, done) => {
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

type Names = { readonly text: string; readonly at: number };

/**
 * An answer of a service whose rows lack streams says so: `Streams-Set-Aside: order-4f..., order-9a...; 2`, the first 20 of them
 * and their number. Where nothing is set aside there is no such header.
 */
export const nameSetAside = (
  app: NestFastifyApplication,
  ownerOf: RouteOwner,
  services: ReadonlyMap<string, Pick<RunningService, 'parts' | 'runtime'>>,
): void => {
  const known = new Map<string, Promise<Names>>();
  const load = async ({ runtime }: Pick<RunningService, 'runtime'>): Promise<Names> => {
    // An answer needs no such header where the database is away: it says that by itself.
    const rows = await streamsAside(runtime.database).catch(() => []);
    const names = [...new Set(rows.map(({ stream }) => encodeURIComponent(stream)))];
    const text =
      names.length === 0 ? '' : `${names.slice(0, NAMES_MAX).join(', ')}; ${names.length}`;
    return { text, at: performance.now() };
  };
  const fastify = app.getHttpAdapter().getInstance();
  const nameOn = async (name: string, reply: FastifyReply): Promise<void> => {
    const service = services.get(name);
    if (!service || service.parts.projections.length === 0) return;
    const before = await known.get(name);
    if (!before || performance.now() - before.at > NAMES_MS) known.set(name, load(service));
    const { text } = (await known.get(name))!;
    if (text !== '') void reply.header('Streams-Set-Aside', text);
  };
  // Intake passes without a promise.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'GET') done();
    else nameOn(ownerOf(request.routeOptions.url ?? ''), reply).then(() => done(), done);
  });
};
