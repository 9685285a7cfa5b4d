import { Flag, OneOf, Optional, Text, type FieldError } from '@throughline/contracts';
import { invalidRequest, ProblemException } from './problem.js';

const REASON_MAX = 500;
const YES_OR_NO = ['true', 'false'] as const;

/** What every operation that cannot simply be repeated away asks of its caller. */
export class ConfirmationBody {
  /** What is changed, by the name that the plan gives as `subject`. */
  @Optional() @Text() confirm?: string | null;
  /** Why: it stands in the service's `operations`. */
  @Optional() @Text(REASON_MAX) reason?: string | null;
  /** Only say what would happen. */
  @Optional() @Flag() dryRun?: boolean | null;
}

/** The same for routes without a body. */
export class ConfirmationQuery {
  @Optional() @Text() confirm?: string;
  @Optional() @Text(REASON_MAX) reason?: string;
  @Optional() @OneOf(YES_OR_NO) dryRun?: (typeof YES_OR_NO)[number];
}

/** What an operation would do now. */
export type Plan = {
  /** For example `begin-epoch`. */
  readonly operation: string;
  /** What it changes; the caller confirms by naming it. */
  readonly subject: string;
  readonly effects: readonly string[];
  /** How to undo it, in words; and that it cannot be, where it cannot. */
  readonly wayBack: string;
};

/** The reason of a confirmed operation; undefined where only the plan is asked for. Throws the refusal with the plan otherwise. */
export const confirmedReason = (
  plan: Plan,
  { confirm, reason, dryRun }: ConfirmationBody | ConfirmationQuery,
): string | undefined => {
  if (dryRun === true || dryRun === 'true') return undefined;
  const words = reason?.trim() ?? '';
  const errors: FieldError[] = [];
  if (confirm !== plan.subject)
    errors.push({
      field: 'confirm',
      code: 'confirm',
      message: `must be ${plan.subject}, which names what is changed`,
    });
  if (words === '') errors.push({ field: 'reason', code: 'required', message: 'is required' });
  if (errors.length === 0) return words;
  throw new ProblemException({ ...invalidRequest(errors).problem, plan });
};
