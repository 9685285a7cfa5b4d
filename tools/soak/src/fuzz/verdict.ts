import type { Outcome } from './wire.js';

/** What is expected of the answer beside being in order. */
export type Sent = {
  readonly isHead: boolean;
  /** So broken that the connection may just end. */
  readonly isBroken: boolean;
};

/** A handler has 5 s, after a wait of 2 s for a consistency token; what an answer takes on a busy machine comes on top. */
export const ANSWER_DEADLINE_MS = 8_000;

/** A service has too much to do and says so; a client comes back. Readiness says it to who asks for it. */
export const isNotNow = (outcome: Outcome, operation: string): boolean =>
  typeof outcome !== 'string' &&
  outcome.status === 503 &&
  (outcome.headers.has('retry-after') || operation === 'GET /health/ready');

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const problemFault = (status: number, body: string): string | undefined => {
  let problem;
  try {
    problem = JSON.parse(body);
  } catch {
    return 'a problem that is no JSON';
  }
  const { type, title, code, errors } = problem ?? {};
  if (problem?.status !== status) return `a problem that says status ${problem?.status}`;
  if (![type, title, code].every(isText)) return 'a problem without type, title or code';
  if (code !== 'invalid-request') return undefined;
  const isNamed = (error: Record<string, unknown>): boolean =>
    typeof error.field === 'string' && isText(error.code) && isText(error.message);
  return errors?.length > 0 && errors.every(isNamed) ? undefined : 'no field, rule or words';
};

/** What is wrong with an outcome; undefined where nothing is. */
export const faultOf = (outcome: Outcome, { isHead, isBroken }: Sent): string | undefined => {
  if (outcome === 'late') return `no answer within ${ANSWER_DEADLINE_MS} ms`;
  if (outcome === 'closed') return isBroken ? undefined : 'closed without an answer';
  const { status, headers, body } = outcome;
  if (!(status >= 200 && status < 600)) return 'no status';
  if (status >= 500) return `a fault: ${status}`;
  if (status < 400 || isHead) return undefined;
  const type = headers.get('content-type') ?? 'nothing';
  return type.startsWith('application/problem+json')
    ? problemFault(status, body)
    : `no problem but ${type}`;
};
