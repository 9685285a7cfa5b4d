import { Controller, Get, Inject, Query, UseInterceptors } from '@nestjs/common';
import { KnownId, OneOf, Optional } from '@throughline/contracts';
import { PageQuery, Needs, pageRequest, valid, type Page } from '@throughline/service-kit';
import { UnknownIdsInterceptor } from '../catalog/unknown-ids.interceptor.js';
import type { BackordersQuery, Waiting } from './backorders.query.js';
import {
  CLAIM_STATES,
  type Claim,
  type ClaimState,
  type ReservationsQuery,
} from './reservations.query.js';

export const BACKORDERS_QUERY = Symbol('backorders query');
export const RESERVATIONS_QUERY = Symbol('reservations query');

export class BackorderListQuery extends PageQuery {
  @Optional() @KnownId() sku?: string;
  @Optional() @KnownId() orderId?: string;
}
export class ReservationListQuery extends PageQuery {
  @Optional() @KnownId() orderId?: string;
  @Optional() @KnownId() sku?: string;
  @Optional() @OneOf(CLAIM_STATES) state?: ClaimState;
}

/** Who holds stock, and who waits for it. */
@Controller('v1/inventory')
export class QueueController {
  constructor(
    @Inject(BACKORDERS_QUERY) private readonly backordersOf: BackordersQuery,
    @Inject(RESERVATIONS_QUERY) private readonly reservationsOf: ReservationsQuery,
  ) {}

  /** The queue: who waits, since when, for how much, in the order in which they are served. */
  @Get('backorders')
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  async backorders(
    @Query(valid(BackorderListQuery)) query: BackorderListQuery,
  ): Promise<Page<Waiting>> {
    return this.backordersOf(query, pageRequest(query));
  }

  /** What is or was held for orders. Of a SKU without an order only what holds stock now. */
  @Get('reservations')
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  async reservations(
    @Query(valid(ReservationListQuery)) query: ReservationListQuery,
  ): Promise<Page<Claim>> {
    return this.reservationsOf(query, pageRequest(query));
  }
}
