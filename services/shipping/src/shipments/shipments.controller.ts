import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import { Id, OneOf, Optional } from '@throughline/contracts';
import {
  PageQuery,
  Needs,
  notFound,
  pageRequest,
  valid,
  type Page,
} from '@throughline/service-kit';
import { SHIPMENT_STATUSES, type ShipmentStatus } from '../shipment/domain/shipment.js';
import { zplLabelOf } from '../shipment/label.js';
import { problemOf } from '../shipment/shipment-problem.js';
import type { ShipmentView } from './shipment-view.js';
import type { ShipmentsQuery } from './shipments.query.js';

export const SHIPMENTS = Symbol('shipments query');

export class ShipmentPath {
  @Id() id!: string;
}

export class ShipmentListQuery extends PageQuery {
  @Optional() @OneOf(SHIPMENT_STATUSES) status?: ShipmentStatus;
  @Optional() @Id() locationId?: string;
  @Optional() @Id() orderId?: string;
}

@Controller('v1/shipments')
export class ShipmentsController {
  constructor(@Inject(SHIPMENTS) private readonly shipments: ShipmentsQuery) {}

  /** Parcels, oldest first, by status, location and order. */
  @Get()
  @Needs('shipments:read')
  async list(
    @Query(valid(ShipmentListQuery)) query: ShipmentListQuery,
  ): Promise<Page<ShipmentView>> {
    return this.shipments.list(query, pageRequest(query));
  }

  /** One parcel as it stands now: its content, its rates and its tracking history. */
  @Get(':id')
  @Needs('shipments:read')
  async one(@Param(valid(ShipmentPath)) { id }: ShipmentPath): Promise<ShipmentView> {
    const found = await this.shipments.one(id);
    if (!found) throw notFound('shipment', id);
    return found;
  }

  /** The label, 4 x 6 inches at 203 dpi, as a Zebra printer takes it; a void one is not printed again. */
  @Get(':id/label.zpl')
  @Needs('shipments:read')
  @Header('Content-Type', 'application/zpl; charset=utf-8')
  async label(@Param(valid(ShipmentPath)) { id }: ShipmentPath): Promise<string> {
    const label = await this.shipments.label(id);
    if (!label) throw notFound('shipment', id);
    if (label.voided) throw problemOf({ code: 'shipment-voided' }, id);
    return zplLabelOf(label.content);
  }
}
