import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { declaredRoutes } from './declared-routes.js';
import { ProblemException } from './problem.js';

/** What an address must have for a look at it to be worth anything. */
const SUSPECT = /[^!-$&-~]/;

/** Refuses addresses whose text cannot be told: it would be taken for another text, or for none. */
export const refuseBadAddresses = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', ({ url }, _, done) => {
      if (SUSPECT.test(url)) done(faultOf(url));
      else done();
    });
};

const badAddress = (code: string, title: string): ProblemException =>
  new ProblemException({ code, title, status: 400 });

const faultOf = (url: string): ProblemException | undefined => {
  // Postgres cannot hold NUL in text, so no address can name anything that has one.
  if (url.includes('%00'))
    return badAddress('nul-in-address', 'The address contains a NUL character (%00)');
  if (/[^!-~]/.test(url))
    return badAddress('bad-address', 'The address has characters that are not percent-encoded');
  try {
    decodeURIComponent(url);
    return undefined;
  } catch {
    return badAddress('bad-address', 'The address has a percent-encoding that is no UTF-8');
  }
};

/** Which methods each address has, in the words of `Allow`. */
type MethodsAt = (url: string) => readonly string[];

/** A pattern of the addresses of a route template: `/v1/orders/{id}`. */
const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split(/\{\w+\}/)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]+')}/?$`,
  );

const methodsOf = (app: INestApplicationContext): MethodsAt => {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  for (const { method, path } of declaredRoutes(app)) {
    const at = known.get(path) ?? { pattern: patternOf(path), methods: new Set(['OPTIONS']) };
    at.methods.add(method);
    if (method === 'GET') at.methods.add('HEAD');
    known.set(path, at);
  }
  return (url) => {
    const [path = ''] = url.split('?');
    const methods = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    return [...new Set(methods)].sort();
  };
};

/**
 * Answers where no route is: 404, or which methods an address has (OPTIONS, and 405 with `Allow`). `more` tells of addresses that
 * no controller of this process serves.
 */
export const answerWhereNothingIs = (
  app: NestFastifyApplication,
  more: MethodsAt = () => [],
): void => {
  const declared = methodsOf(app);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', ({ is404, url, method }, reply, done) => {
      if (!is404) return done();
      const methods = [...declared(url), ...more(url)];
      if (methods.length === 0) return done(nothingAt(url));
      void reply.header('Allow', methods.join(', '));
      if (method === 'OPTIONS') void reply.status(204).send();
      else done(methodNotAllowed(method, methods));
    });
};

const nothingAt = (url: string): ProblemException =>
  new ProblemException({
    code: 'not-found',
    title: `There is nothing at ${url.split('?')[0]}`,
    status: 404,
  });

const methodNotAllowed = (method: string, allowed: readonly string[]): ProblemException =>
  new ProblemException({
    code: 'method-not-allowed',
    title: `${method} is not possible here; there are ${allowed.join(', ')}`,
    status: 405,
    allowed,
  });
