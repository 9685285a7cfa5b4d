import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { Count, Id, ID_MAX, Optional, Text } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  ChannelAware,
  invalidRequest,
  Needs,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Wrote,
} from '@throughline/service-kit';
import type { Ledger } from '../ledger/ledger.js';
import { movementProblem } from '../ledger/movement-body.js';
import { LEDGER } from '../ledger/movements.controller.js';
import type { Availability, Stock, StockQuery } from './stock.query.js';

export const STOCK_QUERY = Symbol('stock query');
const SKUS_MAX = 50;

export class StockListQuery {
  @Optional() @Id() sku?: string;
  @Optional() @Id() locationId?: string;
  @Optional() @Text() limit?: string;
  @Optional() @Text(1_000) cursor?: string;
}
export class AvailabilityQuery {
  @Text(SKUS_MAX * (ID_MAX + 1)) sku!: string;
}
export class ShelfPath {
  @Id() sku!: string;
  @Id() locationId!: string;
}
export class SafetyStockBody {
  @Count() safetyStock!: number;
}

@Controller('v1/inventory')
export class StockController {
  constructor(
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(STOCK_QUERY) private readonly stock: StockQuery,
  ) {}

  /** What is on each shelf now, by SKU and location. */
  @Get('stock')
  @Needs('inventory:read')
  async list(@Query(valid(StockListQuery)) query: StockListQuery): Promise<Page<Stock>> {
    return this.stock.list(query, pageRequest(query));
  }

  /** Sets how many units of a shelf are never promised. Safe to repeat. */
  @Put('stock/:sku/:locationId')
  @Needs('inventory:settings')
  async keep(
    @Param(valid(ShelfPath)) shelf: ShelfPath,
    @Body(valid(SafetyStockBody)) { safetyStock }: SafetyStockBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<Stock> {
    const { sku, locationId } = shelf;
    const data = { sku, locationId, safetyStock };
    const { outcome, position } = await this.ledger.carryOut(
      { type: 'SetSafetyStock', data },
      cause,
    );
    if (!outcome.ok) throw movementProblem(outcome.rejection);
    wrote('inventory', position);
    const empty = { onHand: 0, reserved: 0, inbound: 0, available: 0 };
    return (await this.stock.one(sku, locationId)) ?? { ...data, ...empty };
  }

  /** What can be promised of these SKUs (`sku=A,B`), in all and per active location. */
  @Get('availability')
  @Needs('inventory:read')
  @ChannelAware()
  async availability(
    @Query(valid(AvailabilityQuery)) { sku }: AvailabilityQuery,
  ): Promise<{ items: readonly Availability[]; nextCursor: null }> {
    const skus = [...new Set(sku.split(',').filter((one) => one !== ''))];
    if (skus.length === 0 || skus.length > SKUS_MAX)
      throw invalidRequest([
        { field: 'sku', code: 'range', message: `must name 1 to ${SKUS_MAX} SKUs` },
      ]);
    return { items: await this.stock.availability(skus), nextCursor: null };
  }
}
