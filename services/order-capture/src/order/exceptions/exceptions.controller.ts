import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Id, OneOf, Optional, Text } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import { assertNever, derivedId } from '@throughline/kernel';
import {
  invalidRequest,
  Needs,
  notFound,
  pageRequest,
  ProblemException,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Wrote,
} from '@throughline/service-kit';
import type { OrderCommand } from '../domain/order.js';
import { ORDER_HANDLER } from '../order-changes.controller.js';
import type { OrderHandler } from '../order-handler.js';
import { isOrderId } from '../order-list/order-list.query.js';
import { orderProblem } from '../order-problem.js';
import { SERVICE } from '../orders.controller.js';
import { ACTIONS, actionsOf, holdIdOf, partsOf, type Action } from './exception.js';
import type { ExceptionItem, ExceptionsQuery } from './exceptions.query.js';

export const EXCEPTIONS = Symbol('exceptions query');

export class ExceptionListParameters {
  @Optional() @Id() class?: string;
  @Optional() @Id() orderId?: string;
  @Optional() @Text() limit?: string;
  @Optional() @Text() cursor?: string;
}

export class ExceptionPath {
  @Id(300) id!: string;
}

export class ResolutionBody {
  @OneOf(ACTIONS) action!: Action;
  @Text() reason!: string;
}

/** What needs a person: nothing stands still without being listed here. */
@Controller('v1/exceptions')
export class ExceptionsController {
  constructor(
    @Inject(EXCEPTIONS) private readonly exceptions: ExceptionsQuery,
    @Inject(ORDER_HANDLER) private readonly handle: OrderHandler,
  ) {}

  /** Open exceptions, the oldest first, each with what can be done about it. */
  @Get()
  @Needs('orders:read')
  async list(
    @Query(valid(ExceptionListParameters)) query: ExceptionListParameters,
  ): Promise<Page<ExceptionItem>> {
    const { orderId } = query;
    if (orderId !== undefined && !isOrderId(orderId))
      throw invalidRequest([{ field: 'orderId', code: 'uuid', message: 'must be an order id' }]);
    return this.exceptions(query, pageRequest(query));
  }

  /** Does one of the offered actions. Doing it again changes nothing. */
  @Post(':id/resolution')
  @Needs('exceptions:resolve')
  @HttpCode(204)
  async resolve(
    @Param(valid(ExceptionPath)) { id }: ExceptionPath,
    @Body(valid(ResolutionBody)) { action, reason }: ResolutionBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const parts = partsOf(id);
    if (!parts) throw notFound('exception', id);
    const { orderId, key } = parts;
    const nextActions = actionsOf(key);
    if (!nextActions.includes(action))
      throw new ProblemException({
        code: 'action-not-offered',
        title: `${action} does not resolve this exception`,
        status: 409,
        nextActions,
      });
    if (action === 'create-item') throw itemsAreElsewhere();
    const result = await this.handle(orderId, commandOf(action, key, reason, cause), cause);
    if (!result.ok) throw orderProblem(orderId, result.rejection);
    wrote(SERVICE, result.position);
  }
}

const itemsAreElsewhere = (): ProblemException =>
  new ProblemException({
    code: 'action-taken-elsewhere',
    title: 'Create the item with PUT /v1/inventory/items/{sku}; the order then goes on by itself',
    status: 409,
  });

type ActionHere = Exclude<Action, 'create-item'>;

const commandOf = (action: ActionHere, key: string, reason: string, cause: Cause): OrderCommand => {
  switch (action) {
    case 'release':
      return { type: 'ReleaseHold', data: { holdId: holdIdOf(key) ?? key, reason } };
    case 'cancel-order': {
      const cancellationId = derivedId(cause.id, 'cancellation');
      const holdId = holdIdOf(key);
      const resolved = holdId === undefined ? { exceptionKey: key } : { holdId };
      return { type: 'CancelOrder', data: { cancellationId, reason, lines: null, ...resolved } };
    }
    case 'acknowledge':
      return { type: 'AcknowledgeException', data: { key, reason } };
    default:
      return assertNever(action);
  }
};
