import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Id, OneOf, Optional } from '@throughline/contracts';
import {
  PageQuery,
  Needs,
  notFound,
  pageRequest,
  valid,
  type Page,
} from '@throughline/service-kit';
import {
  FULFILLMENT_STATUSES,
  type FulfillmentStatus,
  type FulfillmentView,
} from './fulfillment-view.js';
import type { FulfillmentsQuery } from './fulfillments.query.js';

export const FULFILLMENTS = Symbol('fulfillments query');

export class FulfillmentPath {
  @Id() id!: string;
}

export class FulfillmentListQuery extends PageQuery {
  @Optional() @OneOf(FULFILLMENT_STATUSES) status?: FulfillmentStatus;
  @Optional() @Id() locationId?: string;
  @Optional() @Id() orderId?: string;
}

@Controller('v1/fulfillments')
export class FulfillmentsController {
  constructor(@Inject(FULFILLMENTS) private readonly fulfillments: FulfillmentsQuery) {}

  /** The work of locations, oldest first, by status, location and order. */
  @Get()
  @Needs('fulfillments:read')
  async list(
    @Query(valid(FulfillmentListQuery)) query: FulfillmentListQuery,
  ): Promise<Page<FulfillmentView>> {
    return this.fulfillments.list(query, pageRequest(query));
  }

  /** One fulfillment as it stands now: its lines, how far they are, and its packages. */
  @Get(':id')
  @Needs('fulfillments:read')
  async one(@Param(valid(FulfillmentPath)) { id }: FulfillmentPath): Promise<FulfillmentView> {
    const found = await this.fulfillments.one(id);
    if (!found) throw notFound('fulfillment', id);
    return found;
  }
}
