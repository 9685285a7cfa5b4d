import { Controller, Get, Inject, Query, UseInterceptors } from '@nestjs/common';
import { KnownId, Optional } from '@throughline/contracts';
import {
  CurrentPrincipal,
  LocationAware,
  locationsShown,
  Needs,
  PageQuery,
  pageRequest,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import { UnknownIdsInterceptor } from '../catalog/unknown-ids.interceptor.js';
import type { AlertsQuery, BufferAlert } from './alerts.query.js';

export const ALERTS_QUERY = Symbol('alerts query');

export class AlertsListQuery extends PageQuery {
  @Optional() @KnownId() sku?: string;
  @Optional() @KnownId() locationId?: string;
}

@Controller('v1/inventory/alerts')
export class AlertsController {
  constructor(@Inject(ALERTS_QUERY) private readonly alerts: AlertsQuery) {}

  /** Shelves with no more free than their safety stock, those that have been so for the longest first. */
  @Get()
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  @LocationAware()
  async list(
    @Query(valid(AlertsListQuery)) { sku, locationId, ...page }: AlertsListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<BufferAlert>> {
    const filter = { sku: sku ?? null, locationId: locationsShown(principal, locationId) ?? null };
    return this.alerts.list(filter, pageRequest(page));
  }
}
