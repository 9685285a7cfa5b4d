import type { FieldError } from '@throughline/contracts';

/** An answer that says no, as RFC 9457 problem details. Further members are the facts behind it. */
export type Problem = {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly [fact: string]: unknown;
};

/** Thrown at the HTTP edge; the filter writes it as `application/problem+json`. */
export class ProblemException extends Error {
  override readonly name = 'ProblemException';
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

const SHOWN_MAX = 5;

const detailOf = (errors: readonly FieldError[]): string => {
  const shown = errors
    .slice(0, SHOWN_MAX)
    .map(({ field, message }) => `${field || 'body'} ${message}`);
  if (errors.length > SHOWN_MAX) shown.push(`and ${errors.length - SHOWN_MAX} more`);
  return shown.join('; ');
};

/** 422: the request breaks these rules. */
export const invalidRequest = (errors: readonly FieldError[]): ProblemException =>
  new ProblemException({
    code: 'invalid-request',
    title: 'The request breaks a rule',
    status: 422,
    detail: detailOf(errors),
    errors,
  });

/** 404: there is no such thing. */
export const notFound = (what: string, id: string): ProblemException =>
  new ProblemException({ code: 'not-found', title: `There is no ${what} ${id}`, status: 404 });

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `notFound` of a thing whose ids are UUIDs: what is none says so, since a route may have been meant that is not there. */
export const notFoundById = (what: string, id: string, field = 'id'): ProblemException => {
  const missing = notFound(what, id);
  if (UUID.test(id)) return missing;
  const message = `must be a UUID, and ${id} is none`;
  return new ProblemException({
    ...missing.problem,
    detail: `${field} ${message}`,
    errors: [{ field, code: 'uuid', message }],
  });
};

/** 409: an Idempotency-Key came again with another body. */
export const keyReused = (): ProblemException =>
  new ProblemException({
    code: 'idempotency-key-reused',
    title: 'This Idempotency-Key was used with another body',
    status: 409,
  });
