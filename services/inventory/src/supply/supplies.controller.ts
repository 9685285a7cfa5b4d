import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { idFault, isOrderlyId, KnownId, OneOf, Optional } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  LocationGuard,
  locationNotAllowed,
  mayUseLocation,
  Needs,
  notFound,
  OncePerKey,
  PageQuery,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import { UnknownIdsInterceptor } from '../catalog/unknown-ids.interceptor.js';
import {
  SUPPLY_KINDS,
  SUPPLY_STATES,
  type Supply,
  type SupplyKind,
  type SupplyState,
} from './domain/supply.js';
import type { KnownGoods } from './known-goods.query.js';
import type { Supplies } from './supplies.js';
import type { RecordedEtaChange, SuppliesQuery, SupplySummary } from './supplies.query.js';
import {
  supplyAnswer,
  SupplyBody,
  SupplyClosureBody,
  SupplyDispatchBody,
  supplyFaults,
  supplyProblem,
  SupplyReceiptBody,
  wantedOf,
  type SupplyAnswer,
} from './supply-body.js';
import type { SupplyMoves } from './supply-moves.js';

export const SUPPLIES = Symbol('supplies');
export const SUPPLIES_QUERY = Symbol('supplies query');
const SupplyLocationGuard = LocationGuard('supply', SUPPLIES_QUERY);
export const SUPPLY_MOVES = Symbol('supply moves');
export const KNOWN_GOODS = Symbol('known goods');

export class SupplyPath {
  @KnownId() id!: string;
}
export class SupplyListQuery extends PageQuery {
  @Optional() @KnownId() sku?: string;
  @Optional() @KnownId() locationId?: string;
  @Optional() @OneOf(SUPPLY_STATES) state?: SupplyState;
  @Optional() @OneOf(SUPPLY_KINDS) kind?: SupplyKind;
}

/** What is on its way: purchase orders and transfers, with what came of them. */
@Controller('v1/inventory/supplies')
export class SuppliesController {
  constructor(
    @Inject(SUPPLIES) private readonly supplies: Supplies,
    @Inject(SUPPLIES_QUERY) private readonly query: SuppliesQuery,
    @Inject(SUPPLY_MOVES) private readonly moves: SupplyMoves,
    @Inject(KNOWN_GOODS) private readonly goods: KnownGoods,
  ) {}

  /** Says what is ordered and when it is expected. The whole document, safe to repeat. */
  @Put(':id')
  @Needs('inventory:move')
  @OncePerKey()
  async put(
    @Param(valid(SupplyPath)) { id }: SupplyPath,
    @Body(valid(SupplyBody, supplyFaults)) body: SupplyBody,
    @RequestCause() cause: Cause,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SupplyAnswer> {
    const faults = supplyFaults(body);
    if (!isOrderlyId(id) && !(await this.query.one(id))) faults.push(idFault('id'));
    if (faults.length === 0) faults.push(...(await this.goods.faultsOf(body)));
    if (faults.length > 0) throw invalidRequest(faults);
    const outcome = await this.supplies.put(id, wantedOf(body), cause);
    if (!outcome.ok) throw supplyProblem(outcome.rejection, body.lines);
    void reply.status(outcome.done.isNew ? 201 : 200);
    return supplyAnswer(await this.#supply(id));
  }

  /**
   * Goods came in, all or a part. What was not expected is taken in all the same and shown as `surplus`. A
   * transfer that nobody said had left is taken from where it comes from first.
   */
  @Post(':id/receipts')
  @UseGuards(SupplyLocationGuard)
  @Needs('inventory:move')
  @LocationAware()
  @HttpCode(200)
  async receive(
    @Param(valid(SupplyPath)) { id }: SupplyPath,
    @Body(valid(SupplyReceiptBody)) body: SupplyReceiptBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<SupplyAnswer> {
    await this.#refuseElsewhere(principal, id, ({ locationId }) => locationId);
    wrote('inventory', await this.moves.receive(id, body.lines, cause));
    return supplyAnswer(await this.#supply(id));
  }

  /** Goods of a transfer left where it comes from: they are in transit until they are received. */
  @Post(':id/dispatches')
  @UseGuards(SupplyLocationGuard)
  @Needs('inventory:move')
  @LocationAware()
  @HttpCode(200)
  async dispatch(
    @Param(valid(SupplyPath)) { id }: SupplyPath,
    @Body(valid(SupplyDispatchBody)) body: SupplyDispatchBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<SupplyAnswer> {
    await this.#refuseElsewhere(principal, id, ({ fromLocationId }) => fromLocationId);
    wrote('inventory', await this.moves.dispatch(id, body.lines, cause));
    return supplyAnswer(await this.#supply(id));
  }

  /** Nothing more is expected: the rest is cancelled or lost. Safe to repeat. */
  @Post(':id/closure')
  @Needs('inventory:move')
  @OncePerKey()
  @HttpCode(200)
  async close(
    @Param(valid(SupplyPath)) { id }: SupplyPath,
    @Body(valid(SupplyClosureBody)) { reason, note }: SupplyClosureBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<SupplyAnswer> {
    const outcome = await this.supplies.close(id, reason, note ?? reason);
    if (!outcome) throw notFound('supply', id);
    if (!outcome.ok) throw supplyProblem(outcome.rejection);
    if (reason === 'lost') wrote('inventory', await this.moves.writeOff(id, cause));
    return supplyAnswer(await this.#supply(id));
  }

  /** Supplies by id, with the sums of their lines: of one SKU, at one location, in one state. */
  @Get()
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  @LocationAware()
  async list(
    @Query(valid(SupplyListQuery)) query: SupplyListQuery,
    @CurrentPrincipal() { locations }: Principal,
  ): Promise<Page<SupplySummary>> {
    return this.query.list({ ...query, ...(locations && { locations }) }, pageRequest(query));
  }

  /** One supply, and every time that it was expected at another time than before. */
  @Get(':id')
  @UseGuards(SupplyLocationGuard)
  @Needs('inventory:read')
  @LocationAware()
  async one(
    @Param(valid(SupplyPath)) { id }: SupplyPath,
  ): Promise<SupplyAnswer & { readonly etaChanges: readonly RecordedEtaChange[] }> {
    const found = await this.query.one(id);
    if (!found) throw notFound('supply', id);
    return { ...supplyAnswer(found.supply), etaChanges: found.etaChanges };
  }

  /** A supply is seen at both of its ends; its goods come in at one and leave at the other. */
  async #refuseElsewhere(
    principal: Principal,
    id: string,
    endOf: (supply: Supply) => string | null,
  ): Promise<void> {
    if (!principal.locations) return;
    const locationId = endOf(await this.#supply(id));
    if (locationId !== null && !mayUseLocation(principal, locationId))
      throw locationNotAllowed(principal, locationId);
  }

  async #supply(id: string): Promise<Supply> {
    const found = await this.query.one(id);
    if (!found) throw notFound('supply', id);
    return found.supply;
  }
}
