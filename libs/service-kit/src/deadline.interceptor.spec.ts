import type { ExecutionContext } from '@nestjs/common';
import { TransientError } from '@throughline/kernel';
import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { DeadlineInterceptor, REQUEST_DEADLINE_MS } from './deadline.interceptor.js';
import { FILE_DEADLINE_MS, TakesFile } from './file-body.js';

class Routes {
  plain(): void {}

  @TakesFile('text/csv')
  file(): void {}
}

const { plain, file } = Routes.prototype;

it.each([
  ['a request', plain, REQUEST_DEADLINE_MS],
  ['a file', file, FILE_DEADLINE_MS],
])('the deadline of %s', (_, handler, deadlineMs) =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
    ({ expectObservable }) => {
      const context = { getHandler: () => handler } as unknown as ExecutionContext;
      const answer = new DeadlineInterceptor().intercept(context, { handle: () => NEVER });
      const late = new TransientError('The deadline of the request passed');
      expectObservable(answer).toBe(`${deadlineMs}ms #`, {}, late);
    },
  ),
);
