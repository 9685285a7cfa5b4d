import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  FULFILLMENT_METHODS,
  KnownId,
  Nested,
  Note,
  OneOf,
  Optional,
  OrderAddress,
  type FulfillmentMethod,
} from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  assertNever,
  DELIVERY_SERVICES,
  derivedId,
  type DeliveryService,
} from '@throughline/kernel';
import {
  PAGE_MAX,
  PageQuery,
  invalidRequest,
  Needs,
  notFound,
  pageRequest,
  ProblemException,
  RequestCause,
  retryFailed,
  valid,
  WroteTo,
  type Page,
  type Runtime,
  type Wrote,
} from '@throughline/service-kit';
import type { OrderCommand } from '../domain/order.js';
import { addressDoubts } from '../doubts.js';
import { ORDER_HANDLER } from '../order-changes.controller.js';
import type { OrderHandler } from '../order-handler.js';
import { isOrderId } from '../order-list/order-list.query.js';
import { orderProblem } from '../order-problem.js';
import { CLOCK } from '../orders.controller.js';
import { SERVICE } from '../orders.controller.js';
import {
  ACTIONS,
  actionsOf,
  holdIdOf,
  partsOf,
  readerOf,
  shipmentIdOf,
  type Action,
} from './exception.js';
import type { ExceptionItem, ExceptionsQuery } from './exceptions.query.js';
import { RETRY_READER, type RetryReader } from './streams-aside.js';

export const EXCEPTIONS = Symbol('exceptions query');

export class ExceptionListParameters extends PageQuery {
  @Optional() @KnownId() class?: string;
  @Optional() @KnownId() orderId?: string;
}

export class ExceptionPath {
  @KnownId(300) id!: string;
}

/** Without `shipTo` the address stays; `locationId` is where goods are picked up or handed over. */
export class DeliveryBody {
  @OneOf(FULFILLMENT_METHODS) method!: FulfillmentMethod;
  @Optional() @OneOf(DELIVERY_SERVICES) service?: DeliveryService | null;
  @Optional() @KnownId() locationId?: string | null;
  @Optional() @Nested(() => OrderAddress) shipTo?: OrderAddress | null;
}

/** `delivery` goes with `change-delivery` alone. */
export class ResolutionBody {
  @OneOf(ACTIONS) action!: Action;
  @Note() reason!: string;
  @Optional() @Nested(() => DeliveryBody) delivery?: DeliveryBody | null;
}

/** What needs a person: nothing stands still without being listed here. */
@Controller('v1/exceptions')
export class ExceptionsController {
  constructor(
    @Inject(EXCEPTIONS) private readonly exceptions: ExceptionsQuery,
    @Inject(ORDER_HANDLER) private readonly handle: OrderHandler,
    @Inject(CLOCK) private readonly now: Runtime['now'],
    @Inject(RETRY_READER) private readonly retry: RetryReader,
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
    @Body(valid(ResolutionBody)) { action, reason, delivery }: ResolutionBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const parts = partsOf(id);
    if (!parts) throw notFound('exception', id);
    const { orderId, key } = parts;
    const nextActions = actionsOf(orderId, key);
    if (nextActions.length === 0) throw notFound('exception', id);
    if (!nextActions.includes(action))
      throw notOffered(action, (await this.#offered(orderId, id)) ?? nextActions);
    if (isElsewhere(action)) throw takenElsewhere(action);
    if ((action === 'change-delivery') !== Boolean(delivery)) throw deliveryMisplaced(action);
    if (delivery?.shipTo && addressDoubts(delivery.shipTo).length > 0) throw malformedPostalCode();
    if (action === 'retry') return this.#retry(orderId, readerOf(key) ?? '');
    const wish = { key, reason, at: this.now(), ...(delivery && { delivery }) };
    const result = await this.handle(orderId, commandOf(action, wish, cause), cause);
    if (!result.ok) throw orderProblem(orderId, result.rejection);
    wrote(SERVICE, result.position);
  }

  /** As the list shows it; undefined where it is not there yet, or any more. */
  async #offered(orderId: string, id: string): Promise<readonly Action[] | undefined> {
    if (!isOrderId(orderId)) return undefined;
    const { items } = await this.exceptions({ orderId }, { limit: PAGE_MAX, after: undefined });
    return items.find(({ exceptionId }) => exceptionId === id)?.nextActions;
  }

  /** One that no worker has taken up yet is tried within a second or so. */
  async #retry(orderId: string, reader: string): Promise<void> {
    const answer = await this.retry(orderId, reader);
    if (!answer) throw notFound('stream set aside', `${orderId} by ${reader}`);
    if (answer.outcome === 'failed') throw retryFailed(`Order ${orderId}`, answer.error);
  }
}

const notOffered = (action: Action, nextActions: readonly Action[]): ProblemException =>
  new ProblemException({
    code: 'action-not-offered',
    title: `${action} does not resolve this exception`,
    status: 409,
    nextActions,
  });

/** What is done by another route, whose news then end the exception. */
const ELSEWHERE = {
  'correct-address':
    'Correct the address with POST /v1/orders/{id}/edits; the order then goes on by itself',
  'create-item':
    'Create the item with PUT /v1/inventory/items/{sku}; the order then goes on by itself',
  'record-tracking':
    'Record what became of the parcel with POST /v1/shipments/{shipmentId}/tracking-events',
  'record-hand-over':
    'Record the hand-over with POST /v1/fulfillments/{fulfillmentId}/hand-over, if the parcel left',
} as const satisfies Partial<Record<Action, string>>;
type ActionElsewhere = keyof typeof ELSEWHERE;
type ActionHere = Exclude<Action, ActionElsewhere | 'retry'>;

const isElsewhere = (action: Action): action is ActionElsewhere => action in ELSEWHERE;
const takenElsewhere = (action: ActionElsewhere): ProblemException =>
  new ProblemException({ code: 'action-taken-elsewhere', title: ELSEWHERE[action], status: 409 });

const deliveryMisplaced = (action: Action): ProblemException =>
  invalidRequest([
    action === 'change-delivery'
      ? { field: 'delivery', code: 'required', message: 'is required for change-delivery' }
      : { field: 'delivery', code: 'unknown', message: `does not go with ${action}` },
  ]);

const malformedPostalCode = (): ProblemException => {
  const message = 'is not of the form that its country has';
  return invalidRequest([{ field: 'delivery.shipTo.postalCode', code: 'format', message }]);
};

type Wish = {
  readonly key: string;
  readonly reason: string;
  readonly at: string;
  readonly delivery?: DeliveryBody;
};

const commandOf = (action: ActionHere, wish: Wish, cause: Cause): OrderCommand => {
  const { key, reason, at, delivery } = wish;
  const remedy = { requestId: derivedId(cause.id, action), key, reason };
  switch (action) {
    case 'release':
    case 'acknowledge': {
      const holdId = holdIdOf(key);
      return holdId === undefined
        ? { type: 'AcknowledgeException', data: { key, reason } }
        : { type: 'ReleaseHold', data: { holdId, reason, at } };
    }
    case 'cancel-order': {
      const cancellationId = derivedId(cause.id, 'cancellation');
      const holdId = holdIdOf(key);
      const resolved = holdId === undefined ? { exceptionKey: key } : { holdId };
      return { type: 'CancelOrder', data: { cancellationId, reason, lines: null, ...resolved } };
    }
    case 'source-again':
      return { type: 'SourceAgain', data: remedy };
    case 'change-delivery':
      return { type: 'ChangeDelivery', data: { ...remedy, at, delivery: delivery! } };
    case 'reship':
      return { type: 'Reship', data: { ...remedy, shipmentId: shipmentIdOf(key) } };
    case 'refund':
      return { type: 'RefundLoss', data: { ...remedy, shipmentId: shipmentIdOf(key) } };
    default:
      return assertNever(action);
  }
};
