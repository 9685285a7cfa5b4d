import { Body, Controller, Get, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { CanonicalOrder, KnownId, Optional, Time } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  PageQuery,
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  LocationAware,
  KeyedCause,
  mayUseChannel,
  Needs,
  notFoundById,
  pageRequest,
  pastInstant,
  REQUEST_KEYS,
  valid,
  type Answer,
  type Page,
  type Principal,
  type RequestKeys,
  type Runtime,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import { orderFaults, orderIdFor, type OrderIntake, type Taken } from './order-intake.js';
import { orderProblem } from './order-problem.js';
import { ORDER_QUERY, type EventAnswer, type OrderAnswer, type OrderQuery } from './order.query.js';
import { OrderLimitsGuard } from './order-limits.js';

export const SERVICE = 'order-capture';
export const ORDER_INTAKE = Symbol('order intake');
export const CLOCK = Symbol('clock');

type Accepted = { readonly orderId: string; readonly orderNumber: string };

export class OrderPath {
  @KnownId() id!: string;
}

export class AsOfQuery {
  @Optional() @Time() asOf?: string;
}

const answerOf = ({ channel, externalId }: CanonicalOrder, taken: Taken): Answer<Accepted> => {
  if (!taken.ok) throw orderProblem(orderIdFor(channel, externalId), taken.rejection);
  const { orderId, orderNumber, position, repeated } = taken;
  return {
    status: repeated ? 200 : 201,
    body: { orderId, orderNumber },
    ...(position !== undefined && { token: `${SERVICE}:${position}` }),
  };
};

/** Orders come in here, and each can be seen with its whole story. */
@Controller('v1/orders')
export class OrdersController {
  constructor(
    @Inject(ORDER_INTAKE) private readonly take: OrderIntake,
    @Inject(ORDER_QUERY) private readonly query: OrderQuery,
    @Inject(REQUEST_KEYS) private readonly keys: RequestKeys,
    @Inject(CLOCK) private readonly now: Runtime['now'],
  ) {}

  /**
   * Places an order; the same order again is answered with 200 and changes nothing. With an `Idempotency-Key` the same
   * request is answered as before, and another order under that key is refused.
   */
  @Post()
  @Needs('orders:write')
  @ChannelAware()
  async place(
    @Body(valid(CanonicalOrder, orderFaults)) order: CanonicalOrder,
    @CurrentPrincipal() principal: Principal,
    @KeyedCause() keyed: Cause | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    if (!mayUseChannel(principal, order.channel)) throw channelNotAllowed(principal, order.channel);
    const take = async () => answerOf(order, await this.take(order, principal));
    // Without a key there is no promise but that of taking it in.
    const { status, body, token } = keyed
      ? await this.keys.once(keyed, take)
      : answerOf(order, await this.take(order, principal));
    if (token !== undefined) void reply.header('Consistency-Token', token);
    void reply.status(status);
    return body;
  }

  /** One order in full as it is now, or as it was at `asOf`. */
  @Get(':id')
  @Needs('orders:read')
  @ChannelAware()
  @LocationAware()
  @UseGuards(OrderLimitsGuard)
  async one(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Query(valid(AsOfQuery)) { asOf }: AsOfQuery,
  ): Promise<OrderAnswer> {
    const found = await this.query.one(id, asOf && pastInstant(asOf, this.now()));
    if (!found) throw notFoundById('order', id);
    return found;
  }

  /** The order's own stream, newest shape, in order. */
  @Get(':id/events')
  @Needs('orders:read')
  @ChannelAware()
  @LocationAware()
  @UseGuards(OrderLimitsGuard)
  async events(
    @Param(valid(OrderPath)) { id }: OrderPath,
    @Query(valid(PageQuery)) query: PageQuery,
  ): Promise<Page<EventAnswer>> {
    const found = await this.query.events(id, pageRequest(query));
    if (!found) throw notFoundById('order', id);
    return found;
  }
}
