import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Position } from '@throughline/event-store';
import type { Pace } from '@throughline/kernel';
import { streamsAside } from '@throughline/read-model';
import type { FastifyReply } from 'fastify';
import type { RouteOwner } from './http-telemetry.js';
import { invalidRequest, type ProblemException } from './problem.js';
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

type Waited = Pick<RunningService, 'runtime' | 'projections'>;

const TOKEN = /^([a-z][a-z-]*):(\d{1,18})$/;

const badToken = (code: string, message: string): ProblemException =>
  invalidRequest([{ field: 'Consistency-Token', code, message }]);

/** A token names a write that was answered: one beyond the log's end is of another log, or of none. */
const refuseUnwritten = async (
  { runtime: { store, service }, projections }: Waited,
  position: Position,
): Promise<void> => {
  if (projections.some((one) => one.hasReached(position))) return;
  // Where the store is away, the read says so by itself.
  const head = await store.head().catch(() => position);
  if (position > head)
    throw badToken('position', `names a write that the log of ${service} does not have`);
};

/**
 * A read that brings a consistency token waits until that service's rows hold what it names. Tokens of services that do not run
 * in this process say nothing here.
 */
export const waitForTokens = (
  app: NestFastifyApplication,
  services: ReadonlyMap<string, Waited>,
): void => {
  const waitFor = async (token: string): Promise<void> => {
    const [, name = '', text = ''] = TOKEN.exec(token) ?? [];
    if (name === '')
      throw badToken('token', 'must be <service>:<position>, as the answer to a write gave it');
    const service = services.get(name);
    if (!service) return;
    const position = BigInt(text);
    await refuseUnwritten(service, position);
    await Promise.all(
      service.projections.map((one) => one.caughtUp(position, CONSISTENCY_WAIT_MS)),
    );
  };
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _, done) => {
    const token = request.headers['consistency-token'];
    if (token === undefined || request.method !== 'GET') done();
    else waitFor(String(token)).then(() => done(), done);
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
