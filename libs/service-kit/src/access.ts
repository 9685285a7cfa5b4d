import {
  createParamDecorator,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { StillValid } from './key-watch.js';
import { limitRefusal } from './limits.js';
import type { Action } from './permissions.js';
import { ProblemException, type Problem } from './problem.js';

/** Who is asking, and what they may do. */
export type Principal = {
  readonly id: string;
  readonly name: string;
  readonly actions: ReadonlySet<Action>;
  /** Only orders of these channels; absent: of all. */
  readonly channels?: readonly string[];
  /** Only what is at these locations, and orders that concern them; absent: at all. */
  readonly locations?: readonly string[];
  /** Requests per second that are let through; absent: the usual. */
  readonly ratePerSecond?: number;
  /** Not valid from then on (ISO 8601, UTC). */
  readonly expiresAt?: string;
};

/**
 * Tells who holds a bearer key or token; undefined when nobody does. Throws `TransientError` when that cannot
 * be told now.
 */
export type Authenticate = (bearer: string) => Promise<Principal | undefined>;

/** What a route asks of its caller. */
export type Need = Action | 'public' | 'any-key';

export const NEED = 'throughline:need';

/** A route that anybody may call. Every other route needs a key. */
export const Public = () => SetMetadata<string, Need>(NEED, 'public');

/** A route for whoever may do this. */
export const Needs = (action: Action) => SetMetadata<string, Need>(NEED, action);

/** A route for every valid key, whatever it may do. */
export const NeedsAnyKey = () => SetMetadata<string, Need>(NEED, 'any-key');

export type AuthenticatedRequest = FastifyRequest & {
  principal?: Principal;
  /** Of a live stream, which must end with its key. */
  stillValid?: StillValid;
};

/** Lets in whose key allows what the route needs; the gate has looked at the key (`keepGate`). */
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const route = [context.getHandler(), context.getClass()];
    const need = this.reflector.getAllAndOverride<Need | undefined>(NEED, route);
    if (need === 'public') return true;
    const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!principal) throw new ProblemException(unauthorized(undefined));
    // A route that declares nothing never starts; should it, it is nobody's.
    if (need !== 'any-key' && (need === undefined || !principal.actions.has(need)))
      throw forbidden(need);
    const refused = limitRefusal(principal, this.reflector, route);
    if (refused) throw refused;
    return true;
  }
}

/** 401: there is no key, or nobody holds it. */
export const unauthorized = (bearer: string | undefined): Problem => ({
  code: 'unauthorized',
  title: bearer ? 'This key is not valid' : 'Send your key as `Authorization: Bearer <key>`',
  status: 401,
});

const forbidden = (action: string | undefined): ProblemException =>
  new ProblemException({
    code: 'forbidden',
    title: `This key does not allow ${action ?? 'this'}`,
    status: 403,
    ...(action && { action }),
  });

/** The principal of the request, as a controller's parameter. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().principal!,
);
