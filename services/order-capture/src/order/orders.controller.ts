import { instantOf } from '@throughline/kernel';
import { Body, Controller, Get, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { CanonicalOrder, Id, Optional, Time } from '@throughline/contracts';
import {
  PageQuery,
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  mayUseChannel,
  Needs,
  notFound,
  pageRequest,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import { orderIdFor, type OrderIntake } from './order-intake.js';
import { orderProblem } from './order-problem.js';
import { ORDER_QUERY, type EventAnswer, type OrderAnswer, type OrderQuery } from './order.query.js';
import { OrderChannelGuard } from './order-channel.js';

export const SERVICE = 'order-capture';
export const ORDER_INTAKE = Symbol('order intake');

type Accepted = { readonly orderId: string; readonly orderNumber: string };

export class OrderPath {
  @Id() id!: string;
}

export class AsOfQuery {
  @Optional() @Time() asOf?: string;
}

/** Orders come in here, and each can be seen with its whole story. */
@Controller('v1/orders')
export class OrdersController {
  constructor(
    @Inject(ORDER_INTAKE) private readonly take: OrderIntake,
    @Inject(ORDER_QUERY) private readonly query: OrderQuery,
  ) {}

  /** Places an order; the same order again is answered with 200 and changes nothing. */
  @Post()
  @Needs('orders:write')
  @ChannelAware()
  async place(
    @Body(valid(CanonicalOrder)) order: CanonicalOrder,
    @CurrentPrincipal() principal: Principal,
    @WroteTo() wrote: Wrote,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    if (!mayUseChannel(principal, order.channel)) throw channelNotAllowed(principal, order.channel);
    const taken = await this.take(order, principal.name);
    if (!taken.ok) throw orderProblem(orderIdFor(order.channel, order.externalId), taken.rejection);
    const { orderId, orderNumber, position, repeated } = taken;
    wrote(SERVICE, position);
    void reply.status(repeated ? 200 : 201);
    return { orderId, orderNumber };
  }

  /** One order in full as it is now, or as it was at `asOf`. */
  @Get(':id')
  @Needs('orders:read')
  @ChannelAware()
  @UseGuards(OrderChannelGuard)
  async one(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Query(valid(AsOfQuery)) { asOf }: AsOfQuery,
  ): Promise<OrderAnswer> {
    const found = await this.query.one(id, asOf && instantOf(asOf));
    if (!found) throw notFound('order', id);
    return found;
  }

  /** The order's own stream, newest shape, in order. */
  @Get(':id/events')
  @Needs('orders:read')
  @ChannelAware()
  @UseGuards(OrderChannelGuard)
  async events(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Query(valid(PageQuery)) query: PageQuery,
  ): Promise<Page<EventAnswer>> {
    const found = await this.query.events(id, pageRequest(query));
    if (!found) throw notFound('order', id);
    return found;
  }
}
