import {
  Body,
  Controller,
  Delete,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  KnownId,
  ListOf,
  Nested,
  Note,
  OneOf,
  Optional,
  OrderAddress,
  Quantity,
} from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import { DELIVERY_SERVICES, derivedId, type DeliveryService } from '@throughline/kernel';
import {
  ChannelAware,
  invalidRequest,
  Needs,
  RequestCause,
  valid,
  WroteTo,
  type Runtime,
  type Wrote,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import {
  HOLD_KINDS,
  type HoldKind,
  type LineWish,
  type OrderCommand,
  type OrderEvent,
} from './domain/order.js';
import { addressDoubts } from './doubts.js';
import { OrderLimitsGuard } from './order-limits.js';
import type { OrderHandler } from './order-handler.js';
import { orderProblem } from './order-problem.js';
import { CLOCK, OrderPath, SERVICE } from './orders.controller.js';
import type { SettlementQuery } from './settlement.query.js';

export const ORDER_HANDLER = Symbol('order handler');
export const SETTLEMENT = Symbol('settlement query');

export class HoldBody {
  @OneOf(HOLD_KINDS) kind!: HoldKind;
  @Note() reason!: string;
}

export class HoldPath extends OrderPath {
  @KnownId() holdId!: string;
}

export class ReasonQuery {
  @Note(500, 1) reason!: string;
}

export class CancelledLine {
  @KnownId() lineId!: string;
  @Quantity() quantity!: number;
}

export class CancellationBody {
  @Optional() @ListOf(() => CancelledLine, { min: 1 }) lines?: CancelledLine[] | null;
  @Note() reason!: string;
}

/** One of the two at least. */
export class EditBody {
  @Optional() @Nested(() => OrderAddress) shipTo?: OrderAddress | null;
  @Optional() @OneOf(DELIVERY_SERVICES) service?: DeliveryService | null;
}

type Cancelled = {
  readonly cancellationId: string;
  readonly lines: readonly { lineId: string; cancelled: number; cancelling: number }[];
};
type Accepted = Extract<Awaited<ReturnType<OrderHandler>>, { readonly ok: true }>;

/** What people do to an order between its acceptance and its end. */
@Controller('v1/orders/:id')
@UseGuards(OrderLimitsGuard)
export class OrderChangesController {
  constructor(
    @Inject(ORDER_HANDLER) private readonly handle: OrderHandler,
    @Inject(SETTLEMENT) private readonly settlement: SettlementQuery,
    @Inject(CLOCK) private readonly now: Runtime['now'],
  ) {}

  /** Stops the order from being approved until the hold is released. */
  @Post('holds')
  @Needs('orders:write')
  @ChannelAware()
  async hold(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Body(valid(HoldBody)) { kind, reason }: HoldBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<{ holdId: string }> {
    const holdId = derivedId(cause.id, 'hold');
    const data = { holdId, kind, reason, at: this.now() };
    await this.#change(id, { type: 'PlaceHold', data }, cause, wrote);
    return { holdId };
  }

  /**
   * Releases a hold; when it was the last one and payment stands, the order is approved with it.
   */
  @Delete('holds/:holdId')
  @Needs('orders:write')
  @ChannelAware()
  @HttpCode(204)
  async release(
    @Param(valid(HoldPath)) { id, holdId }: HoldPath,
    @Query(valid(ReasonQuery)) { reason }: ReasonQuery,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = { holdId, reason, at: this.now() };
    await this.#change(id, { type: 'ReleaseHold', data }, cause, wrote);
  }

  /**
   * Cancels quantities, or all that can be cancelled; 202 while routing or a location must still
   * agree.
   */
  @Post('cancellations')
  @Needs('orders:write')
  @ChannelAware()
  async cancel(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Body(valid(CancellationBody)) { lines, reason }: CancellationBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Cancelled> {
    const cancellationId = derivedId(cause.id, 'cancellation');
    const data = { cancellationId, reason, lines: lines ?? null };
    const result = await this.#change(id, { type: 'CancelOrder', data }, cause, wrote);
    const outcome = await this.#outcomeOf(id, cancellationId, result, wrote);
    void reply.status(outcome.some(({ cancelling }) => cancelling > 0) ? 202 : 200);
    return { cancellationId, lines: outcome };
  }

  /** Corrects where the order goes and how soon, as long as nobody acts on it. */
  @Post('edits')
  @Needs('orders:write')
  @ChannelAware()
  @HttpCode(204)
  async edit(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Body(valid(EditBody)) { shipTo, service }: EditBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    if (!shipTo && !service) throw nothingToEdit();
    const address = shipTo && { shipTo, doubts: addressDoubts(shipTo) };
    const data = { ...address, ...(service && { service }), at: this.now() };
    await this.#change(id, { type: 'EditOrder', data }, cause, wrote);
  }

  async #change(id: string, command: OrderCommand, cause: Cause, wrote: Wrote): Promise<Accepted> {
    const result = await this.handle(id, command, cause);
    if (!result.ok) throw orderProblem(id, result.rejection);
    wrote(SERVICE, result.position);
    return result;
  }

  /**
   * Taken from the request's own events and from routing's settlement of it, so that once settled
   * a repeated request is answered the same.
   */
  async #outcomeOf(
    orderId: string,
    cancellationId: string,
    { events, revision, repeated }: Accepted,
    wrote: Wrote,
  ): Promise<Cancelled['lines']> {
    const request = requestIn(events);
    if (!request) return [];
    if (!request.approved) return outcomeOf(request.lines, request.lines);
    // The events of an earlier delivery may stand anywhere in the stream.
    const from = repeated ? 0 : revision + 1;
    const settled = await this.settlement(orderId, cancellationId, from);
    if (settled) wrote(SERVICE, settled.position);
    return outcomeOf(request.lines, settled?.lines ?? []);
  }
}

const nothingToEdit = () =>
  invalidRequest([
    { field: 'shipTo', code: 'required', message: 'is required, or service' },
    { field: 'service', code: 'required', message: 'is required, or shipTo' },
  ]);

/** None when the request found everything cancelled already. */
const requestIn = (events: readonly OrderEvent[]) =>
  events.find((event) => event.type === 'CancellationRequested')?.data;

const outcomeOf = (
  asked: readonly LineWish[],
  settled: readonly LineWish[],
): Cancelled['lines'] => {
  const done = new Map(settled.map(({ lineId, quantity }) => [lineId, quantity]));
  return asked.map(({ lineId, quantity }) => {
    const cancelled = done.get(lineId) ?? 0;
    return { lineId, cancelled, cancelling: quantity - cancelled };
  });
};
