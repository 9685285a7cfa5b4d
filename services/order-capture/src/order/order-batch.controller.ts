import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { CanonicalOrder, validatorOf } from '@throughline/contracts';
import type { Position } from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import {
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  invalidRequest,
  mayUseChannel,
  Needs,
  valid,
  WroteTo,
  type Principal,
  type ProblemException,
  type Wrote,
} from '@throughline/service-kit';
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

const validate = validatorOf(CanonicalOrder, { strict: true });

@Controller()
export class OrderBatchController {
  constructor(@Inject(ORDER_INTAKE) private readonly take: OrderIntake) {}

  /** Places up to 500 orders; answers each in order, as if it had been sent alone. */
  @Post('v1/orders::batch')
  @Needs('orders:write')
  @ChannelAware()
  @HttpCode(200)
  async place(
    @Body(valid(OrderBatchBody)) { orders }: OrderBatchBody,
    @CurrentPrincipal() principal: Principal,
    @WroteTo() wrote: Wrote,
  ): Promise<{ items: readonly BatchItem[] }> {
    const outcomes = await Promise.all(orders.map((order) => this.#one(order, principal)));
    const positions = outcomes.flatMap(({ position }) => position ?? []);
    wrote(
      SERVICE,
      positions.reduce<Position | undefined>(
        (last, position) => (last === undefined || position > last ? position : last),
        undefined,
      ),
    );
    return { items: outcomes.map(({ item }) => item) };
  }

  async #one(stated: unknown, principal: Principal): Promise<Outcome> {
    const errors = validate(stated);
    if (errors.length > 0) return refused(invalidRequest(errors));
    const order = stated as CanonicalOrder;
    if (!mayUseChannel(principal, order.channel))
      return refused(channelNotAllowed(principal, order.channel));
    try {
      const taken = await this.take(order, principal.name);
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
