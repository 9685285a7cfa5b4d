import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Id, OneOf, Optional, Text } from '@throughline/contracts';
import { Needs, notFound, pageRequest, valid, type Page } from '@throughline/service-kit';
import {
  FULFILLMENT_STATUSES,
  type FulfillmentStatus,
  type FulfillmentView,
} from './fulfillment-view.js';
import type { FulfillmentsQuery } from './fulfillments.query.js';

export const FULFILLMENTS = Symbol('fulfillments query');
const CURSOR_MAX = 1_000;

export class FulfillmentPath {
  @Id() id!: string;
}

export class FulfillmentListQuery {
  @Optional() @OneOf(FULFILLMENT_STATUSES) status?: FulfillmentStatus;
  @Optional() @Id() locationId?: string;
  @Optional() @Id() orderId?: string;
  @Optional() @Text() limit?: string;
  @Optional() @Text(CURSOR_MAX) cursor?: string;
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
