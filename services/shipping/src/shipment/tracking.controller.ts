import { Body, Controller, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { Id, KnownId, Note, OneOf, Optional, Time } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import { instantOf } from '@throughline/kernel';
import {
  LocationAware,
  Needs,
  RequestCause,
  valid,
  WroteTo,
  type Wrote,
} from '@throughline/service-kit';
import { ShipmentLocationGuard } from '../shipments/shipments.controller.js';
import { TRACKING_STATUSES, type TrackingStatus } from './domain/shipment.js';
import type { ShipmentHandler } from './shipment-handler.js';
import { problemOf } from './shipment-problem.js';

export const SHIPMENT = Symbol('shipment handler');
export const NOW = Symbol('current time');

export class TrackedShipmentPath {
  @KnownId() id!: string;
}

export class TrackingEventBody {
  @Id() eventId!: string;
  @OneOf(TRACKING_STATUSES) status!: TrackingStatus;
  /** Left out: now. */
  @Optional() @Time() at?: string | null;
  @Optional() @Note() reason?: string | null;
}

@Controller('v1/shipments/:id/tracking-events')
@UseGuards(ShipmentLocationGuard)
export class TrackingController {
  constructor(
    @Inject(SHIPMENT) private readonly handle: ShipmentHandler,
    @Inject(NOW) private readonly now: () => string,
  ) {}

  /** Records what the carrier says happened. Any order will do; safe to repeat with the same `eventId`. */
  @Post()
  @Needs('shipments:track')
  @LocationAware()
  @HttpCode(204)
  async record(
    @Param(valid(TrackedShipmentPath)) { id }: TrackedShipmentPath,
    @Body(valid(TrackingEventBody)) { eventId, status, at, reason }: TrackingEventBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = { eventId, status, at: instantOf(at ?? this.now())!, reason: reason ?? null };
    const result = await this.handle(id, { type: 'RecordTracking', data }, cause);
    if (!result.ok) throw problemOf(result.rejection, id);
    wrote('shipping', result.position);
  }
}
