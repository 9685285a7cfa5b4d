import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { TransientError } from '@throughline/kernel';
import { throwError, timeout, type Observable } from 'rxjs';

/** No request is answered later than this; a write whose time is up is *unknown* to the client. */
export const REQUEST_DEADLINE_MS = 5_000;

/** Ends the wait for a handler that takes too long with 503. */
@Injectable()
export class DeadlineInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout({
        each: REQUEST_DEADLINE_MS,
        with: () => throwError(() => new TransientError('The deadline of the request passed')),
      }),
    );
  }
}
