import { applyDecorators } from '@nestjs/common';
import { Id, Optional, Pattern, Quantity, Time, type FieldError } from '@throughline/contracts';
import { instantOf } from '@throughline/kernel';
import {
  ACCESS_ROLES,
  ACTIONS,
  actionsOf,
  invalidRequest,
  ProblemException,
  type AccessRole,
  type Action,
  type Principal,
} from '@throughline/service-kit';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsString,
  MaxLength,
  MinLength,
} from 'class-validator';
import { ADMIN } from './admin-key.js';
import { isKeyId } from './key.js';
import { beyondOwn } from './key-limits.js';
import type { Grant } from './key-store.js';

const LIMITS_MAX = 50;
const LENGTH_MAX = 100;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;
/** Of the first key, and of what the system does by itself: no other key may be called so. */
const RESERVED_NAMES: readonly string[] = [ADMIN, 'system', 'schedule', 'unknown', 'anonymous'];

/** Channels or locations. */
const LimitedTo = () =>
  applyDecorators(
    Optional(),
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(LIMITS_MAX),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(LENGTH_MAX, { each: true }),
    Pattern(PRINTABLE, 'must hold printable characters only', { each: true }),
  );

/** What a new key is called and what it allows. */
export class KeyBody {
  @Id() name!: string;
  @Optional() @IsArray() @ArrayMaxSize(5) @IsIn(ACCESS_ROLES, { each: true }) roles?:
    AccessRole[] | null;
  @Optional() @IsArray() @ArrayMaxSize(100) @IsIn(ACTIONS, { each: true }) actions?:
    Action[] | null;
  @LimitedTo() channels?: string[] | null;
  @LimitedTo() locations?: string[] | null;
  @Optional() @Time() expiresAt?: string | null;
  @Optional() @Quantity() ratePerSecond?: number | null;
}

/** What the body grants. Throws 422 where that cannot be, 403 where its maker may not hand it out. */
export const grantOf = (body: KeyBody, maker: Principal, nowMs: number): Grant => {
  const { roles, actions, channels, locations, expiresAt, ratePerSecond } = body;
  const grant = {
    roles: [...new Set(roles)].sort(),
    actions: [...new Set(actions)].sort(),
    channels: channels ? [...new Set(channels)].sort() : null,
    locations: locations ? [...new Set(locations)].sort() : null,
    ratePerSecond: ratePerSecond ?? null,
    expiresAt: instantOf(expiresAt ?? '') ?? null,
  };
  const faults = [...nameFaults(body), ...faultsOf(grant, expiresAt, nowMs)];
  if (faults.length > 0) throw invalidRequest(faults);
  refuseMoreThan(maker, grant);
  return grant;
};

/** Names stand beside ids wherever it is shown who did something: they must not pass for another's. */
const nameFaults = ({ name }: KeyBody): FieldError[] => {
  const plain = name.normalize('NFKC').trim().toLowerCase();
  const isReserved = RESERVED_NAMES.includes(plain) || isKeyId(plain);
  const message = `must be no key id, and none of ${RESERVED_NAMES.join(', ')}`;
  return isReserved ? [{ field: 'name', code: 'reserved', message }] : [];
};

const faultsOf = (
  { roles, actions, expiresAt }: Grant,
  expiry: string | null | undefined,
  nowMs: number,
): FieldError[] => {
  const faults: FieldError[] = [];
  if (roles.length + actions.length === 0)
    faults.push({
      field: 'roles',
      code: 'required',
      message: `must name one of ${ACCESS_ROLES.join(', ')}, or \`actions\` what the key allows`,
    });
  if (expiry && (expiresAt === null || Date.parse(expiresAt) <= nowMs))
    faults.push({ field: 'expiresAt', code: 'future', message: 'must be a time to come' });
  return faults;
};

type Beyond = readonly (readonly [field: string, what: readonly string[]])[];

/** What of the grant its maker does not have. A token proves its holder for a while, whose rights outlast it. */
const beyondMaker = (maker: Principal, grant: Grant): Beyond => {
  const missing = (granted: ReadonlySet<Action>): Action[] =>
    [...granted].filter((action) => !maker.actions.has(action));
  const { ratePerSecond, expiresAt } = grant;
  const { ratePerSecond: ownRate, expiresAt: ownEnd } = maker;
  const isFaster = ownRate !== undefined && (ratePerSecond === null || ratePerSecond > ownRate);
  const isLonger = ownEnd !== undefined && (expiresAt === null || expiresAt > ownEnd);
  return [
    ['roles', missing(actionsOf(grant.roles))],
    ['actions', missing(actionsOf([], grant.actions))],
    ['channels', beyondOwn(maker.channels, grant.channels)],
    ['locations', beyondOwn(maker.locations, grant.locations)],
    ['ratePerSecond', isFaster ? [`more than ${ownRate}`] : []],
    ['expiresAt', isLonger ? [`after ${ownEnd}`] : []],
  ];
};

/** No key hands out what it does not have. */
const refuseMoreThan = (maker: Principal, grant: Grant): void => {
  const errors = beyondMaker(maker, grant)
    .filter(([, what]) => what.length > 0)
    .map(([field, what]): FieldError => {
      const message = `grants more than your key: ${what.join(', ')}`;
      return { field, code: 'beyond-own', message };
    });
  if (errors.length > 0)
    throw new ProblemException({
      code: 'grants-too-much',
      title: 'A key cannot grant more than its maker has',
      status: 403,
      errors,
    });
};
