import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { inputsOf, type Inputs } from './declared-routes.js';
import { valid } from './request.js';

class Nothing {}

/** Refuses parameters of a route that has none, and bodies of one that takes none: ignored, they would seem to hold. */
@Injectable()
export class UndeclaredInputInterceptor implements NestInterceptor {
  readonly #declared = new WeakMap<object, Inputs>();
  readonly #nothing = valid(Nothing);

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler();
    let declared = this.#declared.get(handler);
    if (!declared) {
      declared = inputsOf(context.getClass(), handler.name);
      this.#declared.set(handler, declared);
    }
    const { query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!declared.query) this.#nothing.transform(query, { type: 'query' });
    if (!declared.body && !declared.takesFile) this.#nothing.transform(body, { type: 'body' });
    return next.handle();
  }
}
