import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { CanonicalOrder, validatorOf } from '@throughline/contracts';
import type { Cause, Position } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import {
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  invalidRequest,
  KeyedCause,
  mayUseChannel,
  Needs,
  REQUEST_KEYS,
  valid,
  type Answer,
  type Principal,
  type ProblemException,
  type RequestKeys,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { orderIdFor, type OrderIntake } from './order-intake.js';
import { orderProblem } from './order-problem.js';
import { ORDER_INTAKE, SERVICE } from './orders.controller.js';

export const BATCH_ORDERS_MAX = 500;

/** Each order is checked by itself, so that a bad one does not keep the others out. */
export class OrderBatchBody {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(BATCH_ORDERS_MAX) orders!: unknown[];
}

type BatchItem = {
  readonly status: number;
  readonly orderId?: string;
  readonly orderNumber?: string;
  readonly problem?: object;
};
type BatchAnswer = { readonly items: readonly BatchItem[] };
type Outcome = { readonly item: BatchItem; readonly position?: Position };

const refused = ({ problem: { code, ...members } }: ProblemException): Outcome => ({
  item: {
    status: members.status,
    problem: { type: `urn:oms:problem:${code}`, code, ...members },
  },
});

const NOT_NOW: Outcome = {
  item: {
    status: 503,
    problem: {
      type: 'urn:oms:problem:unavailable',
      code: 'unavailable',
      title: 'Not now; send this order again',
      status: 503,
    },
  },
};

const isFinal = ({ items }: BatchAnswer): boolean =>
  items.every(({ status }) => status !== NOT_NOW.item.status);

const validate = validatorOf(CanonicalOrder, { strict: true });

@Controller()
export class OrderBatchController {
  constructor(
    @Inject(ORDER_INTAKE) private readonly take: OrderIntake,
    @Inject(REQUEST_KEYS) private readonly keys: RequestKeys,
  ) {}

  /**
   * Places up to 500 orders; answers each in order, as if it had been sent alone. With an `Idempotency-Key` the same batch
   * is answered as before, once none of it is to be sent again.
   */
  @Post('v1/orders::batch')
  @Needs('orders:write')
  @ChannelAware()
  @HttpCode(200)
  async place(
    @Body(valid(OrderBatchBody)) { orders }: OrderBatchBody,
    @CurrentPrincipal() principal: Principal,
    @KeyedCause() keyed: Cause | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BatchAnswer> {
    const place = () => this.#all(orders, principal);
    const { body, token } = await (keyed ? this.keys.once(keyed, place, isFinal) : place());
    if (token !== undefined) void reply.header('Consistency-Token', token);
    return body;
  }

  async #all(orders: readonly unknown[], principal: Principal): Promise<Answer<BatchAnswer>> {
    const outcomes = await Promise.all(orders.map((order) => this.#one(order, principal)));
    const positions = outcomes.flatMap(({ position }) => position ?? []);
    const last = positions.reduce<Position | undefined>(
      (newest, position) => (newest === undefined || position > newest ? position : newest),
      undefined,
    );
    return {
      status: 200,
      body: { items: outcomes.map(({ item }) => item) },
      ...(last !== undefined && { token: `${SERVICE}:${last}` }),
    };
  }

  async #one(stated: unknown, principal: Principal): Promise<Outcome> {
    const errors = validate(stated);
    if (errors.length > 0) return refused(invalidRequest(errors));
    const order = stated as CanonicalOrder;
    if (!mayUseChannel(principal, order.channel))
      return refused(channelNotAllowed(principal, order.channel));
    try {
      const taken = await this.take(order, principal);
      if (!taken.ok)
        return refused(orderProblem(orderIdFor(order.channel, order.externalId), taken.rejection));
      const { orderId, orderNumber, position, repeated } = taken;
      const item = { status: repeated ? 200 : 201, orderId, orderNumber };
      return { item, ...(position !== undefined && { position }) };
    } catch (error) {
      // The others may have been taken: only this one is to be sent again.
      if (error instanceof TransientError) return NOT_NOW;
      throw error;
    }
  }
}
