import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { Count, Flag, IdList, KnownId, Optional, Time, UNITS_MAX } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  CurrentPrincipal,
  idsNamed,
  LocationAware,
  locationNotAllowed,
  locationsShown,
  mayUseLocation,
  Needs,
  OncePerKey,
  PageQuery,
  pageRequest,
  pastInstant,
  repeatable,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { UnknownIds } from '../catalog/known-ids.query.js';
import { UNKNOWN_IDS } from '../catalog/unknown-ids.interceptor.js';
import { LEAD_TIME_DAYS_MAX } from '../catalog/item-body.js';
import type { Ledger } from '../ledger/ledger.js';
import { ledgerProblem } from '../ledger/ledger-problem.js';
import { LEDGER } from '../ledger/movements.controller.js';
import { emptyShelf, type Stock, type StockQuery } from './stock.query.js';

export const STOCK_QUERY = Symbol('stock query');
export const STOCK_CLOCK = Symbol('clock of stock');

const SKUS_MAX = 50;

export class StockListQuery extends PageQuery {
  @Optional() @IdList(SKUS_MAX) sku?: string[];
  @Optional() @KnownId() locationId?: string;
  @Optional() @Time() asOf?: string;
}
export class ShelfPath {
  @KnownId() sku!: string;
  @KnownId() locationId!: string;
}
/** What is absent stays as it is. */
export class ShelfSettingBody {
  @Optional() @Count(UNITS_MAX) safetyStock?: number | null;
  /** Somebody else supplies its goods on demand: nobody counts them, and it is never short. */
  @Optional() @Flag() uncounted?: boolean | null;
  /** How long such goods take, in days. */
  @Optional() @Count(LEAD_TIME_DAYS_MAX) leadTimeDays?: number | null;
}

@Controller('v1/inventory')
export class StockController {
  constructor(
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(STOCK_QUERY) private readonly stock: StockQuery,
    @Inject(UNKNOWN_IDS) private readonly unknownOf: UnknownIds,
    @Inject(STOCK_CLOCK) private readonly clock: () => string,
  ) {}

  /**
   * What is at each location now, or was at `asOf`: by SKU and location, in every condition. Several SKUs are asked for as
   * `sku=A&sku=B`, or as `sku=A,B`; ids that there are not are named in `unknown`.
   */
  @Get('stock')
  @Needs('inventory:read')
  @LocationAware()
  async list(
    @Query(repeatable('sku'), valid(StockListQuery)) query: StockListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<Stock>> {
    const { asOf, locationId } = query;
    const at = asOf === undefined ? null : pastInstant(asOf, this.clock());
    const skus = query.sku && (await this.#skusOf(query.sku));
    const shown = locationsShown(principal, locationId) ?? null;
    const filter = { sku: skus ?? null, locationId: shown };
    const page = await this.stock.list(filter, at, pageRequest(query));
    if (query.cursor !== undefined) return page;
    const found = new Set(page.items.map((shelf) => shelf.sku));
    const unknown = await this.unknownOf({
      skus: (skus ?? []).filter((one) => !found.has(one)),
      locationIds: locationId !== undefined && page.items.length === 0 ? [locationId] : [],
    });
    return unknown.length > 0 ? { ...page, unknown } : page;
  }

  #skusOf(given: readonly string[]): Promise<readonly string[]> {
    return idsNamed(given, async (sku) => (await this.unknownOf({ skus: [sku] })).length === 0);
  }

  /**
   * Sets how a shelf is kept: how many units are never promised, and whether its goods are counted at all.
   * Safe to repeat.
   */
  @Put('stock/:sku/:locationId')
  @Needs('inventory:settings')
  @LocationAware()
  @OncePerKey()
  async keep(
    @Param(valid(ShelfPath)) shelf: ShelfPath,
    @Body(valid(ShelfSettingBody)) body: ShelfSettingBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<Stock> {
    const { sku, locationId } = shelf;
    if (!mayUseLocation(principal, locationId)) throw locationNotAllowed(principal, locationId);
    const data = {
      sku,
      locationId,
      safetyStock: body.safetyStock ?? undefined,
      uncounted: body.uncounted ?? undefined,
      // Null takes it away.
      leadTimeDays: body.leadTimeDays,
    };
    const { outcome, position } = await this.ledger.carryOut({ type: 'KeepShelf', data }, cause);
    if (!outcome.ok) throw ledgerProblem(outcome.rejection);
    wrote('inventory', position);
    return (await this.stock.one(sku, locationId)) ?? emptyShelf({ sku, locationId });
  }
}
