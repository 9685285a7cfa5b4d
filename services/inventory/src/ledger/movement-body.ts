import {
  Id,
  KnownId,
  Note,
  OneOf,
  Optional,
  Text,
  UNITS_MAX,
  Whole,
  type FieldError,
} from '@throughline/contracts';
import { assertNever, contentHash } from '@throughline/kernel';
import {
  CONDITIONS,
  REQUESTED_MOVEMENTS,
  type Condition,
  type MovementRequest,
  type RequestedMovement,
} from './domain/ledger.js';

class Movement {
  @OneOf(REQUESTED_MOVEMENTS) type!: RequestedMovement;
  @KnownId() sku!: string;
  @KnownId() locationId!: string;
  @Whole(-UNITS_MAX, UNITS_MAX) quantity!: number;
  @Note() reason!: string;
  @Optional() @Text() reference?: string | null;
  /** Which goods; as is usual at the location where it is absent: sellable, at a marketplace held by it. */
  @Optional() @OneOf(CONDITIONS) condition?: Condition | null;
  /** What a disposition makes of them; they leave the stock where it is absent. */
  @Optional() @OneOf(CONDITIONS) toCondition?: Condition | null;
  /** Where a transfer goes: they are in transit to it until they come in there. */
  @Optional() @KnownId() toLocationId?: string | null;
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
    case 'feed':
      return quantity < 0 ? 'must be 0 or more' : null;
    case 'receipt':
    case 'damage':
    case 'transfer-out':
    case 'transfer-in':
    case 'disposition':
      return quantity <= 0 ? 'must be 1 or more' : null;
    default:
      return assertNever(type);
  }
};

const TO_CONDITION = 'toCondition';
const TO_LOCATION = 'toLocationId';
const fault = (field: string, message: string): FieldError => ({ field, code: 'rule', message });

/** Which of the fields that only some types have do not fit this one. */
const misplacedFaults = (movement: Movement): FieldError[] => {
  const { type, locationId, condition, toCondition, toLocationId } = movement;
  const faults: FieldError[] = [];
  if (toCondition && type !== 'disposition')
    faults.push(fault(TO_CONDITION, 'belongs to a disposition alone'));
  if (type === 'disposition' && !condition)
    faults.push({ field: 'condition', code: 'required', message: 'is required' });
  if (toCondition && toCondition === condition)
    faults.push(fault(TO_CONDITION, 'must be another condition'));
  if (toCondition === 'in-transit') faults.push(fault(TO_CONDITION, 'is what a transfer makes'));
  if (toLocationId && type !== 'transfer-out')
    faults.push(fault(TO_LOCATION, 'belongs to a transfer-out alone'));
  if (toLocationId && toLocationId === locationId)
    faults.push(fault(TO_LOCATION, 'must be another location'));
  if (type === 'damage' && condition === 'damaged')
    faults.push(fault('condition', 'must not be damaged already'));
  if (type === 'transfer-in' && condition === 'in-transit')
    faults.push(fault('condition', 'must be what they are once they are there'));
  return faults;
};

/** What the shape of a body cannot tell: the meaning of its quantity depends on its type. */
export const movementFaults = (movement: Movement): FieldError[] => {
  const { type, quantity } = movement;
  const broken = ruleOf(type, quantity);
  return [
    ...(broken ? [{ field: 'quantity', code: 'range', message: broken }] : []),
    ...misplacedFaults(movement),
  ];
};

export const movementOf = (body: Movement, movementId: string): MovementRequest => {
  const { type, sku, locationId, quantity, reason } = body;
  const content = { type, sku, locationId, quantity, reason, reference: body.reference ?? null };
  const where = {
    condition: body.condition ?? null,
    toCondition: body.toCondition ?? null,
    toLocationId: body.toLocationId ?? null,
  };
  // What was asked for before there were conditions must still be known when it comes again.
  const isPlain = Object.values(where).every((value) => value === null);
  const hash = contentHash(isPlain ? content : { ...content, ...where });
  return { ...content, ...where, supply: null, movementId, contentHash: hash };
};
