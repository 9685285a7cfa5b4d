import { Controller, Get, Header, Inject, Param, Query, UseGuards } from '@nestjs/common';
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
import { SHIPMENT_STATUSES, type ShipmentStatus } from '../shipment/domain/shipment.js';
import { zplLabelOf } from '../shipment/label.js';
import { problemOf } from '../shipment/shipment-problem.js';
import type { ShipmentView } from './shipment-view.js';
import type { ShipmentsQuery } from './shipments.query.js';

export const SHIPMENTS = Symbol('shipments query');
export const ShipmentLocationGuard = LocationGuard('shipment', SHIPMENTS);

export class ShipmentPath {
  @KnownId() id!: string;
}

export class ShipmentListQuery extends PageQuery {
  @Optional() @OneOf(SHIPMENT_STATUSES) status?: ShipmentStatus;
  @Optional() @KnownId() locationId?: string;
  @Optional() @KnownId() orderId?: string;
}

@Controller('v1/shipments')
export class ShipmentsController {
  constructor(@Inject(SHIPMENTS) private readonly shipments: ShipmentsQuery) {}

  /** Parcels, oldest first, by status, location and order. */
  @Get()
  @Needs('shipments:read')
  @LocationAware()
  async list(
    @Query(valid(ShipmentListQuery)) { locationId, ...query }: ShipmentListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<ShipmentView>> {
    const locations = locationsShown(principal, locationId);
    return this.shipments.list({ ...query, ...(locations && { locations }) }, pageRequest(query));
  }

  /** One parcel as it stands now: its content, its rates and its tracking history. */
  @Get(':id')
  @UseGuards(ShipmentLocationGuard)
  @Needs('shipments:read')
  @LocationAware()
  async one(@Param(valid(ShipmentPath)) { id }: ShipmentPath): Promise<ShipmentView> {
    const found = await this.shipments.one(id);
    if (!found) throw notFoundById('shipment', id);
    return found;
  }

  /** The label, 4 x 6 inches at 203 dpi, as a Zebra printer takes it; a void one is not printed again. */
  @Get(':id/label.zpl')
  @UseGuards(ShipmentLocationGuard)
  @Needs('shipments:read')
  @LocationAware()
  @Header('Content-Type', 'application/zpl; charset=utf-8')
  async label(@Param(valid(ShipmentPath)) { id }: ShipmentPath): Promise<string> {
    const label = await this.shipments.label(id);
    if (!label) throw notFoundById('shipment', id);
    if (label.voided) throw problemOf({ code: 'shipment-voided' }, id);
    return zplLabelOf(label.content);
  }
}
