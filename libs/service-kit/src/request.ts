import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { validatorOf, type BodyClass, type FieldError } from '@throughline/contracts';
import type { Cause, Position } from '@throughline/event-store';
import { contentHash, derivedId, newId } from '@throughline/kernel';
import { addToLogContext } from '@throughline/telemetry';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest } from './access.js';
import { invalidRequest } from './problem.js';

const KEY_MAX = 200;

/**
 * Checks a JSON body against a decorated class and refuses unknown fields: `@Body(valid(CanonicalOrder))`. `more` are the rules
 * that the handler looks at once the shape is right: where it is not, they are told in the same answer as far as they can be.
 */
export const valid = <Body extends object>(
  type: BodyClass<Body>,
  more: (body: Body) => readonly FieldError[] = () => [],
): PipeTransform<unknown, Body> => {
  const validate = validatorOf(type, { strict: true });
  return {
    transform: (value) => {
      const body = (value ?? {}) as Body;
      const errors = validate(body);
      if (errors.length === 0) return body;
      // A body that is no object at all has no fields to go on with.
      const sound = errors.some(({ field }) => field === '') ? {} : withoutFaulty(body, errors);
      const others = validate(sound).length === 0 ? more(sound as Body) : [];
      throw invalidRequest([...errors, ...others]);
    },
  };
};

const ROOT = /^[^.[]+/;

/** The body without its fields that have faults, which leaves one of the same shape where none of them is required. */
const withoutFaulty = (body: object, errors: readonly FieldError[]): object => {
  const faulty = new Set(errors.map(({ field }) => ROOT.exec(field)?.[0]));
  return Object.fromEntries(Object.entries(body).filter(([name]) => !faulty.has(name)));
};

const keyOf = ({ headers }: AuthenticatedRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (Array.isArray(key) || (key !== undefined && (key.length === 0 || key.length > KEY_MAX)))
    throw invalidRequest([
      {
        field: 'Idempotency-Key',
        code: 'max-length',
        message: `must have 1 to ${KEY_MAX} characters`,
      },
    ]);
  return key;
};

const ANONYMOUS = { id: 'anonymous', name: 'anonymous' };

const causeOf = (request: AuthenticatedRequest, key: string | undefined): Cause => {
  const { id: actorId, name: actor } = request.principal ?? ANONYMOUS;
  const route = `${request.method} ${request.url.split('?')[0]}`;
  const id = key === undefined ? newId() : derivedId(actorId, route, key);
  addToLogContext({ correlationId: id });
  // A file is hashed by the route that reads it.
  const body = request.body instanceof Readable ? null : request.body;
  return { id, correlationId: id, actor, actorId, contentHash: contentHash(body ?? null) };
};

const requestOf = (context: ExecutionContext): AuthenticatedRequest =>
  context.switchToHttp().getRequest<AuthenticatedRequest>();

/** The command's cause: derived from principal, route and `Idempotency-Key`, random where none was sent. */
export const RequestCause = createParamDecorator((_: unknown, context: ExecutionContext): Cause => {
  const request = requestOf(context);
  return causeOf(request, keyOf(request));
});

/** The cause of a request that brings an `Idempotency-Key`; without one nothing is computed. */
export const keyedCauseOf = (request: AuthenticatedRequest): Cause | undefined => {
  const key = keyOf(request);
  return key === undefined ? undefined : causeOf(request, key);
};

/** `keyedCauseOf` the request, as a controller's parameter. */
export const KeyedCause = createParamDecorator(
  (_: unknown, context: ExecutionContext): Cause | undefined => keyedCauseOf(requestOf(context)),
);

/** Tells the client where its write stands: sets `Consistency-Token: <service>:<position>`. */
export type Wrote = (service: string, position: Position | undefined) => void;
export const WroteTo = createParamDecorator((_: unknown, context: ExecutionContext): Wrote => {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  return (service, position) => {
    if (position !== undefined) void reply.header('Consistency-Token', `${service}:${position}`);
  };
});
