import {
  createParamDecorator,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from './problem.js';

/** Who is asking. */
export type Principal = { readonly id: string; readonly name: string };

/** Tells who holds a bearer key; undefined when nobody does. */
export type Authenticate = (key: string) => Promise<Principal | undefined>;

const PUBLIC = 'throughline:public';
const BEARER = /^Bearer +(\S+)$/i;

/** A route that anybody may call. Every other route needs a key. */
export const Public = () => SetMetadata(PUBLIC, true);

export type AuthenticatedRequest = FastifyRequest & { principal?: Principal };

/** Refuses requests without a valid `Authorization: Bearer <key>`. */
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: Authenticate,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const principal = key && (await this.authenticate(key));
    if (!principal)
      throw new ProblemException({
        code: 'unauthorized',
        title: key ? 'This key is not valid' : 'Send your key as `Authorization: Bearer <key>`',
        status: 401,
      });
    request.principal = principal;
    return true;
  }
}

/** The principal of the request, as a controller's parameter. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().principal!,
);
