import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Id, Optional } from '@throughline/contracts';
import { PageQuery, Needs, pageRequest, valid, type Page } from '@throughline/service-kit';
import type { AlertsQuery, BufferAlert } from './alerts.query.js';

export const ALERTS_QUERY = Symbol('alerts query');

export class AlertsListQuery extends PageQuery {
  @Optional() @Id() sku?: string;
  @Optional() @Id() locationId?: string;
}

@Controller('v1/inventory/alerts')
export class AlertsController {
  constructor(@Inject(ALERTS_QUERY) private readonly alerts: AlertsQuery) {}

  /** Shelves with no more free than their safety stock, those that have been so for the longest first. */
  @Get()
  @Needs('inventory:read')
  async list(@Query(valid(AlertsListQuery)) query: AlertsListQuery): Promise<Page<BufferAlert>> {
    return this.alerts.list(query, pageRequest(query));
  }
}
