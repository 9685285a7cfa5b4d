import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { KnownId, OneOf, Optional } from '@throughline/contracts';
import {
  CurrentPrincipal,
  LocationAware,
  LocationGuard,
  locationsShown,
  PageQuery,
  Needs,
  notFoundById,
  pageRequest,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import {
  FULFILLMENT_STATUSES,
  type FulfillmentStatus,
  type FulfillmentView,
} from './fulfillment-view.js';
import type { FulfillmentsQuery } from './fulfillments.query.js';

export const FULFILLMENTS = Symbol('fulfillments query');
export const FulfillmentLocationGuard = LocationGuard('fulfillment', FULFILLMENTS);

export class FulfillmentPath {
  @KnownId() id!: string;
}

export class FulfillmentListQuery extends PageQuery {
  @Optional() @OneOf(FULFILLMENT_STATUSES) status?: FulfillmentStatus;
  @Optional() @KnownId() locationId?: string;
  @Optional() @KnownId() orderId?: string;
}

@Controller('v1/fulfillments')
export class FulfillmentsController {
  constructor(@Inject(FULFILLMENTS) private readonly fulfillments: FulfillmentsQuery) {}

  /** The work of locations, oldest first, by status, location and order. */
  @Get()
  @Needs('fulfillments:read')
  @LocationAware()
  async list(
    @Query(valid(FulfillmentListQuery)) { locationId, ...query }: FulfillmentListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<FulfillmentView>> {
    const locations = locationsShown(principal, locationId);
    return this.fulfillments.list(
      { ...query, ...(locations && { locations }) },
      pageRequest(query),
    );
  }

  /** One fulfillment as it stands now: its lines, how far they are, and its packages. */
  @Get(':id')
  @UseGuards(FulfillmentLocationGuard)
  @Needs('fulfillments:read')
  @LocationAware()
  async one(@Param(valid(FulfillmentPath)) { id }: FulfillmentPath): Promise<FulfillmentView> {
    const found = await this.fulfillments.one(id);
    if (!found) throw notFoundById('fulfillment', id);
    return found;
  }
}
