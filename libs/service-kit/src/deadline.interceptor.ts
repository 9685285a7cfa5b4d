import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { TransientError } from '@throughline/kernel';
import { throwError, timeout, type Observable } from 'rxjs';
import { FILE_DEADLINE_MS, TAKES_FILE } from './file-body.js';

/** No request but of a file is answered later than this; a write whose time is up is *unknown* to the client. */
export const REQUEST_DEADLINE_MS = 5_000;

/** Ends the wait for a handler that takes too long with 503. */
@Injectable()
export class DeadlineInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const takesFile = Reflect.hasMetadata(TAKES_FILE, context.getHandler());
    return next.handle().pipe(
      timeout({
        each: takesFile ? FILE_DEADLINE_MS : REQUEST_DEADLINE_MS,
        with: () => throwError(() => new TransientError('The deadline of the request passed')),
      }),
    );
  }
}
