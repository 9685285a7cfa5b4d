import { Id, OneOf, Optional, Text, Whole, type FieldError } from '@throughline/contracts';
import { assertNever, contentHash } from '@throughline/kernel';
import { invalidRequest, keyReused, type ProblemException } from '@throughline/service-kit';
import {
  REQUESTED_MOVEMENTS,
  type LedgerRejection,
  type MovementRequest,
  type RequestedMovement,
} from './domain/ledger.js';

/** Most units in one movement. */
export const MOVEMENT_UNITS_MAX = 1_000_000_000;

class Movement {
  @OneOf(REQUESTED_MOVEMENTS) type!: RequestedMovement;
  @Id() sku!: string;
  @Id() locationId!: string;
  @Whole() quantity!: number;
  @Text() reason!: string;
  @Optional() @Text() reference?: string | null;
}

export class MovementBody extends Movement {
  @Optional() @Id() movementId?: string | null;
}

export class BatchMovement extends Movement {
  @Id() movementId!: string;
}

const ruleOf = (type: RequestedMovement, quantity: number): string | null => {
  switch (type) {
    case 'adjustment':
      return quantity === 0 ? 'must not be 0' : null;
    case 'count':
      return quantity < 0 ? 'must be 0 or more' : null;
    default:
      return quantity <= 0 ? 'must be 1 or more' : null;
  }
};

/** What the shape of a body cannot tell: the meaning of its quantity depends on its type. */
export const movementFaults = ({ type, quantity }: Movement): FieldError[] => {
  const broken =
    Math.abs(quantity) > MOVEMENT_UNITS_MAX
      ? `must be at most ${MOVEMENT_UNITS_MAX}`
      : ruleOf(type, quantity);
  return broken ? [{ field: 'quantity', code: 'range', message: broken }] : [];
};

export const movementOf = (body: Movement, movementId: string): MovementRequest => {
  const { type, sku, locationId, quantity, reason } = body;
  const content = { type, sku, locationId, quantity, reason, reference: body.reference ?? null };
  return { ...content, movementId, contentHash: contentHash(content) };
};

export const movementProblem = (rejection: LedgerRejection): ProblemException => {
  switch (rejection.code) {
    case 'unknown-sku':
      return invalidRequest([
        { field: 'sku', code: rejection.code, message: `${rejection.sku} is not in the catalogue` },
      ]);
    case 'unknown-location': {
      const message = `${rejection.locationId} is not in the catalogue`;
      return invalidRequest([{ field: 'locationId', code: rejection.code, message }]);
    }
    case 'idempotency-key-reused':
      return keyReused();
    default:
      return assertNever(rejection);
  }
};
