import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { validatorOf, type BodyClass } from '@throughline/contracts';
import type { Cause, Position } from '@throughline/event-store';
import { contentHash, derivedId, newId } from '@throughline/kernel';
import { addToLogContext } from '@throughline/telemetry';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest } from './access.js';
import { invalidRequest } from './problem.js';

const KEY_MAX = 200;

/** Checks a JSON body against a decorated class and refuses unknown fields: `@Body(valid(CanonicalOrder))`. */
export const valid = <Body extends object>(type: BodyClass<Body>): PipeTransform<unknown, Body> => {
  const validate = validatorOf(type, { strict: true });
  return {
    transform: (value) => {
      const errors = validate(value ?? {});
      if (errors.length > 0) throw invalidRequest(errors);
      return (value ?? {}) as Body;
    },
  };
};

/** The command's cause: derived from principal, route and `Idempotency-Key`, random where none was sent. */
export const RequestCause = createParamDecorator((_: unknown, context: ExecutionContext): Cause => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  const key = request.headers['idempotency-key'];
  if (Array.isArray(key) || (key !== undefined && (key.length === 0 || key.length > KEY_MAX)))
    throw invalidRequest([
      {
        field: 'Idempotency-Key',
        code: 'max-length',
        message: `must have 1 to ${KEY_MAX} characters`,
      },
    ]);
  const { id: principal, name: actor } = request.principal ?? {
    id: 'anonymous',
    name: 'anonymous',
  };
  const route = `${request.method} ${request.url.split('?')[0]}`;
  const id = key === undefined ? newId() : derivedId(principal, route, key);
  addToLogContext({ correlationId: id });
  return { id, correlationId: id, actor, contentHash: contentHash(request.body ?? null) };
});

/** Tells the client where its write stands: sets `Consistency-Token: <service>:<position>`. */
export type Wrote = (service: string, position: Position | undefined) => void;
export const WroteTo = createParamDecorator((_: unknown, context: ExecutionContext): Wrote => {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  return (service, position) => {
    if (position !== undefined) void reply.header('Consistency-Token', `${service}:${position}`);
  };
});
