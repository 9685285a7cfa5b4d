import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { Note, Pattern } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  invalidRequest,
  Needs,
  OncePerKey,
  PageQuery,
  pageRequest,
  RequestCause,
  sortValues,
  valid,
  WroteTo,
  type Page,
  type Wrote,
} from '@throughline/service-kit';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength } from 'class-validator';
import type { Proposal } from './repair.js';
import type { Repaired, Repairs } from './repairs.js';

export const REPAIRS = Symbol('repairs');

/** Proposals in one request: the SKUs of them are repaired one after the other, within its time. */
const NAMES_MAX = 100;
const NAME_MAX = 1_000;
const REASON_MAX = 200;

const WAY_BACK =
  'A repair moves no goods: count the shelf where it was wrong (POST /v1/inventory/movements, type count). ' +
  'Claims that it took back do not return by themselves: their orders are sourced again';

export class RepairBody {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(NAMES_MAX)
  @IsString({ each: true })
  @MaxLength(NAME_MAX, { each: true })
  @Pattern(/^[!-~]+$/, 'must be names of proposals, which have no blanks', { each: true })
  names!: string[];
  /** Why: it stands in the audit trail, and with every movement. */
  @Note(REASON_MAX) reason!: string;
}

@Controller('v1/inventory/repairs')
export class RepairsController {
  constructor(@Inject(REPAIRS) private readonly repairs: Repairs) {}

  /** What contradicts itself in the ledger, explained, and what would put it right. Changes nothing. */
  @Get()
  @Needs('operations:read')
  async list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<Proposal>> {
    const { after } = pageRequest(query);
    const [start] = after ? sortValues(after, ['text']) : [''];
    const { proposals, last } = await this.repairs.propose(start as string);
    const nextCursor = last && Buffer.from(JSON.stringify([last])).toString('base64url');
    return { items: proposals, nextCursor };
  }

  /**
   * Carries out proposals by their names. What is not, or no longer, as it was seen is `refused` and stays as it
   * is: safe to repeat.
   */
  @Post()
  @Needs('operations:write')
  @OncePerKey()
  @HttpCode(200)
  async apply(
    @Body(valid(RepairBody)) { names, reason }: RepairBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<Omit<Repaired, 'position'> & { readonly wayBack: string }> {
    if (reason.trim() === '')
      throw invalidRequest([{ field: 'reason', code: 'required', message: 'is required' }]);
    const { position, ...repaired } = await this.repairs.apply(names, reason.trim(), cause);
    wrote('inventory', position);
    return { ...repaired, wayBack: WAY_BACK };
  }
}
