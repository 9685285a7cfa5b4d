import { STATUS_CODES } from 'node:http';
import {
  Catch,
  HttpException,
  HttpStatus,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { UnreadableStreamError } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { unsupportedMediaType } from './bodies.js';
import { ProblemException, type Problem } from './problem.js';

const RETRY_AFTER_SECONDS = 1;

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** What the framework refuses; its words change, so the code comes from the status. */
const refusedBy = (status: number, title = 'Refused'): Problem => ({
  code: slug(STATUS_CODES[status] ?? 'refused'),
  title,
  status,
});

const bodyOf = ({ code, ...members }: Problem): object => ({
  type: `urn:oms:problem:${code}`,
  code,
  ...members,
});

/** A problem as the body of an answer. */
export const problemBody = (problem: Problem): string => JSON.stringify(bodyOf(problem));

export const sendProblem = (reply: FastifyReply, problem: Problem): void =>
  void reply.status(problem.status).type('application/problem+json').send(bodyOf(problem));

const problemOf = (error: unknown, request: FastifyRequest): Problem => {
  if (error instanceof ProblemException) return error.problem;
  if (error instanceof TransientError)
    return { code: 'unavailable', title: 'Not now; try again with the same key', status: 503 };
  if (error instanceof UnreadableStreamError)
    return {
      code: 'stream-unreadable',
      title: `The events of ${error.stream} cannot be read; it waits for us`,
      status: 500,
      stream: error.stream,
    };
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (status === HttpStatus.UNSUPPORTED_MEDIA_TYPE) return unsupportedMediaType(request).problem;
  if (status !== undefined && status < 500) return refusedBy(status, message);
  return { code: 'internal-error', title: 'Something is wrong on our side', status: 500 };
};

/** Writes every error as problem+json; only faults are logged as errors, and never shown in detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { method, url } = request;
    const problem = problemOf(error, request);
    const { status } = problem;
    if (status >= 500)
      this.logger[status === 503 ? 'warn' : 'error']({ err: error, method, url }, 'request failed');
    if (status === 503) void reply.header('Retry-After', RETRY_AFTER_SECONDS);
    sendProblem(reply, problem);
  }
}

/** For what Fastify refuses before there is a route, such as an address that is none; no body of it is read. */
export const answerFrameworkError = (
  { statusCode = 400, message }: { readonly statusCode?: number; readonly message: string },
  _: unknown,
  reply: FastifyReply,
): void => sendProblem(reply.header('Connection', 'close'), refusedBy(statusCode, message));
