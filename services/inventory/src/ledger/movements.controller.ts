import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { KnownId, Optional, validatorOf } from '@throughline/contracts';
import type { Cause, Position } from '@throughline/event-store';
import { derivedId, TransientError } from '@throughline/kernel';
import {
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  locationNotAllowed,
  locationsShown,
  mayUseLocation,
  Needs,
  PageQuery,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { UnknownIdsInterceptor } from '../catalog/unknown-ids.interceptor.js';
import { NOT_NOW, refusedPart, type BatchPart } from '../batch-part.js';
import type { MovementAnswer } from './domain/ledger.js';
import type { Ledger } from './ledger.js';
import { ledgerProblem } from './ledger-problem.js';
import { BatchMovement, MovementBody, movementFaults, movementOf } from './movement-body.js';
import type { MovementsQuery, RecordedMovement } from './movements.query.js';

export const LEDGER = Symbol('ledger');
export const MOVEMENTS_QUERY = Symbol('movements query');
const BATCH_MOVEMENTS_MAX = 1_000;

/** Each movement is checked by itself, so that a bad one does not keep the others out. */
export class MovementBatchBody {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(BATCH_MOVEMENTS_MAX) movements!: unknown[];
}
export class MovementListQuery extends PageQuery {
  @Optional() @KnownId() sku?: string;
  @Optional() @KnownId() locationId?: string;
}

type MovementPart = BatchPart & { readonly movementId: string | null };
const validate = validatorOf(BatchMovement, { strict: true });

const idOf = (stated: unknown): string | null => {
  const id = (stated as { movementId?: unknown } | null)?.movementId;
  return typeof id === 'string' ? id : null;
};

const latest = (positions: readonly (Position | undefined)[]): Position | undefined =>
  positions.reduce(
    (last, position) => (last === undefined || (position ?? last) > last ? position : last),
    undefined,
  );

/** What happens to stock beside orders, and the ledger of all that happened. */
@Controller('v1/inventory')
export class MovementsController {
  constructor(
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(MOVEMENTS_QUERY) private readonly movements: MovementsQuery,
  ) {}

  /** Records one movement. A fact is accepted; the answer tells which reservations no longer fit. */
  @Post('movements')
  @Needs('inventory:move')
  @LocationAware()
  async move(
    @Body(valid(MovementBody, movementFaults)) body: MovementBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<MovementAnswer> {
    const faults = movementFaults(body);
    if (faults.length > 0) throw invalidRequest(faults);
    const { locationId } = body;
    if (!mayUseLocation(principal, locationId)) throw locationNotAllowed(principal, locationId);
    const data = movementOf(body, body.movementId ?? cause.id);
    const { outcome, position } = await this.ledger.carryOut({ type: 'MoveStock', data }, cause);
    if (!outcome.ok) throw ledgerProblem(outcome.rejection);
    wrote('inventory', position);
    return outcome.answer!;
  }

  /** Records up to 1,000 movements; answers each in order, as if it had been sent alone. */
  @Post('movements::batch')
  @Needs('inventory:move')
  @LocationAware()
  @HttpCode(200)
  async moveAll(
    @Body(valid(MovementBatchBody)) { movements }: MovementBatchBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<{ items: readonly MovementPart[] }> {
    const parts = await Promise.all(movements.map((stated) => this.#one(stated, principal, cause)));
    wrote('inventory', latest(parts.map(({ position }) => position)));
    return { items: parts.map(({ part }) => part) };
  }

  async #one(
    stated: unknown,
    principal: Principal,
    cause: Cause,
  ): Promise<{ readonly part: MovementPart; readonly position?: Position }> {
    const movementId = idOf(stated);
    const errors = validate(stated);
    if (errors.length === 0) errors.push(...movementFaults(stated as BatchMovement));
    if (errors.length > 0) return { part: { movementId, ...refusedPart(invalidRequest(errors)) } };
    const { locationId } = stated as BatchMovement;
    if (!mayUseLocation(principal, locationId))
      return { part: { movementId, ...refusedPart(locationNotAllowed(principal, locationId)) } };
    const data = movementOf(stated as BatchMovement, movementId!);
    const own = { ...cause, id: derivedId('movement', movementId!) };
    try {
      const { outcome, position } = await this.ledger.carryOut({ type: 'MoveStock', data }, own);
      if (!outcome.ok)
        return { part: { movementId, ...refusedPart(ledgerProblem(outcome.rejection)) } };
      return { part: { movementId, status: 201 }, ...(position !== undefined && { position }) };
    } catch (error) {
      if (error instanceof TransientError) return { part: { movementId, ...NOT_NOW } };
      throw error;
    }
  }

  /** The ledger, newest first: every change of what is on hand, and why. */
  @Get('movements')
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  @LocationAware()
  async list(
    @Query(valid(MovementListQuery)) { sku, locationId, ...page }: MovementListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<RecordedMovement>> {
    const filter = { sku: sku ?? null, locationId: locationsShown(principal, locationId) ?? null };
    return this.movements(filter, pageRequest(page));
  }
}
