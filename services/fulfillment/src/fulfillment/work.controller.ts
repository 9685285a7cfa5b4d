import { Body, Controller, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import {
  Count,
  Id,
  KnownId,
  ListOf,
  Note,
  OneOf,
  Optional,
  Quantity,
  RECEIVERS,
  UNITS_MAX,
  type Receiver,
} from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  LocationAware,
  Needs,
  RequestCause,
  valid,
  WroteTo,
  type Wrote,
} from '@throughline/service-kit';
import { FulfillmentLocationGuard } from '../fulfillments/fulfillments.controller.js';
import type { FulfillmentCommand } from './domain/fulfillment.js';
import type { FulfillmentHandler } from './fulfillment-handler.js';
import { problemOf } from './fulfillment-problem.js';

export const FULFILLMENT = Symbol('fulfillment handler');

export class WorkPath {
  @KnownId() id!: string;
}

export class ScannedLine {
  @KnownId() lineId!: string;
  @Quantity() quantity!: number;
}

export class PickBody {
  @Id() scanId!: string;
  @ListOf(() => ScannedLine, { min: 1 }) lines!: ScannedLine[];
}

export class ShortBody extends PickBody {
  @Note() reason!: string;
}

export class PackBody {
  @Id() packageId!: string;
  /** Left out: everything that is picked and not packed. */
  @Optional() @ListOf(() => ScannedLine, { min: 1 }) lines?: ScannedLine[] | null;
  @Optional() @Count(UNITS_MAX) weightGrams?: number | null;
}

export class HandOverBody {
  @Id() handOverId!: string;
  /** Left out: the carrier for what is shipped, the customer for what is collected. */
  @Optional() @OneOf(RECEIVERS) receiver?: Receiver | null;
}

export class WorkRejectionBody {
  @Note() reason!: string;
}

/** The floor's steps. Each is safe to repeat with the same scan, package or hand-over id. */
@Controller('v1/fulfillments/:id')
@UseGuards(FulfillmentLocationGuard)
export class WorkController {
  constructor(@Inject(FULFILLMENT) private readonly handle: FulfillmentHandler) {}

  /** Goods were taken from the shelf. */
  @Post('picks')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async pick(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @Body(valid(PickBody)) data: PickBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    await this.carryOut(id, { type: 'PickItems', data }, cause, wrote);
  }

  /** Goods were not on the shelf. */
  @Post('shorts')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async short(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @Body(valid(ShortBody)) data: ShortBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    await this.carryOut(id, { type: 'ShortItems', data }, cause, wrote);
  }

  /** A package is closed. */
  @Post('packs')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async pack(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @Body(valid(PackBody)) { packageId, lines, weightGrams }: PackBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = { packageId, lines: lines ?? null, weightGrams: weightGrams ?? null };
    await this.carryOut(id, { type: 'ClosePackage', data }, cause, wrote);
  }

  /** Every package that may leave goes to its receiver. */
  @Post('hand-over')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async handOver(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @Body(valid(HandOverBody)) { handOverId, receiver }: HandOverBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = { handOverId, receiver: receiver ?? null };
    await this.carryOut(id, { type: 'HandOver', data }, cause, wrote);
  }

  /** The location gives back what it has not packed. */
  @Post('rejection')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async reject(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @Body(valid(WorkRejectionBody)) data: WorkRejectionBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    await this.carryOut(id, { type: 'RejectWork', data }, cause, wrote);
  }

  /** The location takes the work on. */
  @Post('acceptance')
  @Needs('fulfillments:work')
  @LocationAware()
  @HttpCode(204)
  async accept(
    @Param(valid(WorkPath)) { id }: WorkPath,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    await this.carryOut(id, { type: 'AcceptWork', data: null }, cause, wrote);
  }

  private async carryOut(
    id: string,
    command: FulfillmentCommand,
    cause: Cause,
    wrote: Wrote,
  ): Promise<void> {
    const result = await this.handle(id, command, cause);
    if (!result.ok) throw problemOf(result.rejection, id);
    wrote('fulfillment', result.position);
  }
}
