import {
  createParamDecorator,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Action } from './permissions.js';
import { ProblemException, type Problem } from './problem.js';

/** Who is asking, and what they may do. */
export type Principal = {
  readonly id: string;
  readonly name: string;
  readonly actions: ReadonlySet<Action>;
  /** Only orders of these channels; absent: of all. */
  readonly channels?: readonly string[];
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
export const CHANNEL_AWARE = 'throughline:channel-aware';

/** A route that anybody may call. Every other route needs a key. */
export const Public = () => SetMetadata<string, Need>(NEED, 'public');

/** A route for whoever may do this. */
export const Needs = (action: Action) => SetMetadata<string, Need>(NEED, action);

/** A route for every valid key, whatever it may do. */
export const NeedsAnyKey = () => SetMetadata<string, Need>(NEED, 'any-key');

/**
 * A route that keeps to the channels of its caller, so that keys of single channels may call it. No other
 * route lets them in.
 */
export const ChannelAware = () => SetMetadata(CHANNEL_AWARE, true);

export type AuthenticatedRequest = FastifyRequest & { principal?: Principal };

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
    if (principal.channels && !this.reflector.getAllAndOverride(CHANNEL_AWARE, route))
      throw new ProblemException({
        code: 'channel-key',
        title: 'Keys that are limited to channels may not call this',
        status: 403,
        channels: principal.channels,
      });
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

/** Whether the caller may see and place orders of this channel. */
export const mayUseChannel = ({ channels }: Principal, channel: string): boolean =>
  channels === undefined || channels.includes(channel);

/** 403: the caller's key is limited to other channels. */
export const channelNotAllowed = ({ channels }: Principal, channel: string): ProblemException =>
  new ProblemException({
    code: 'channel-not-allowed',
    title: `This key may not act for channel ${channel}`,
    status: 403,
    errors: [{ field: 'channel', code: 'channel', message: `must be one of ${channels?.join()}` }],
  });

/** The principal of the request, as a controller's parameter. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().principal!,
);
