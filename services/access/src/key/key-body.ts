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
import type { Grant } from './key-store.js';

const CHANNELS_MAX = 50;
const CHANNEL_LENGTH_MAX = 100;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;

/** What a new key is called and what it allows. */
export class KeyBody {
  @Id() name!: string;
  @Optional() @IsArray() @ArrayMaxSize(5) @IsIn(ACCESS_ROLES, { each: true }) roles?:
    AccessRole[] | null;
  @Optional() @IsArray() @ArrayMaxSize(100) @IsIn(ACTIONS, { each: true }) actions?:
    Action[] | null;
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(CHANNELS_MAX)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(CHANNEL_LENGTH_MAX, { each: true })
  @Pattern(PRINTABLE, 'must hold printable characters only', { each: true })
  channels?: string[] | null;
  @Optional() @Time() expiresAt?: string | null;
  @Optional() @Quantity() ratePerSecond?: number | null;
}

/** What the body grants. Throws 422 where that cannot be, 403 where its maker may not hand it out. */
export const grantOf = (body: KeyBody, maker: Principal, nowMs: number): Grant => {
  const { roles, actions, channels, expiresAt, ratePerSecond } = body;
  const grant = {
    roles: [...new Set(roles)].sort(),
    actions: [...new Set(actions)].sort(),
    channels: channels ? [...new Set(channels)].sort() : null,
    ratePerSecond: ratePerSecond ?? null,
    expiresAt: instantOf(expiresAt ?? '') ?? null,
  };
  const faults = faultsOf(grant, expiresAt, nowMs);
  if (faults.length > 0) throw invalidRequest(faults);
  refuseMoreThan(maker, grant);
  return grant;
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

/** Nobody hands out what they do not have. */
const refuseMoreThan = (maker: Principal, { roles, actions }: Grant): void => {
  const beyond = (granted: ReadonlySet<Action>): Action[] =>
    [...granted].filter((action) => !maker.actions.has(action));
  const errors = [
    ['roles', beyond(actionsOf(roles))] as const,
    ['actions', beyond(actionsOf([], actions))] as const,
  ].flatMap(([field, missing]): FieldError[] =>
    missing.length === 0
      ? []
      : [{ field, code: 'beyond-own', message: `grant more than your key: ${missing.join(', ')}` }],
  );
  if (errors.length > 0)
    throw new ProblemException({
      code: 'grants-too-much',
      title: 'A key cannot grant more than its maker has',
      status: 403,
      errors,
    });
};
