import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Id, OneOf, Optional, Time } from '@throughline/contracts';
import { instantOf } from '@throughline/kernel';
import {
  PageQuery,
  ChannelAware,
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  locationsShown,
  mayUseChannel,
  Needs,
  pageRequest,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import { HOLD_KINDS, type HoldKind } from '../domain/order.js';
import { ORDER_STATUSES, type OrderStatus } from '../domain/order-status.js';
import type { OrderItem } from '../order-item.js';
import type { OrderFilter, OrderListQuery } from './order-list.query.js';

export const ORDER_LIST = Symbol('order list');

const SORTS = ['placedAt', '-placedAt'] as const;
const INCLUDES = ['lines'] as const;

export class OrderListParameters extends PageQuery {
  /** One channel, or several with commas between. */
  @Optional() @Id(500) channel?: string;
  /** One status, or several with commas between. */
  @Optional() @Id(500) status?: string;
  @Optional() @Id() sku?: string;
  @Optional() @Id() customer?: string;
  @Optional() @Id() externalId?: string;
  @Optional() @Time() placedFrom?: string;
  @Optional() @Time() placedTo?: string;
  @Optional() @OneOf(HOLD_KINDS) hold?: HoldKind;
  @Optional() @Id() locationId?: string;
  @Optional() @Id() q?: string;
  @Optional() @OneOf(SORTS) sort?: (typeof SORTS)[number];
  @Optional() @OneOf(INCLUDES) include?: (typeof INCLUDES)[number];
}

@Controller('v1/orders')
export class OrderListController {
  constructor(@Inject(ORDER_LIST) private readonly list: OrderListQuery) {}

  /** Orders of all channels in one list, newest first unless `sort=placedAt`. */
  @Get()
  @Needs('orders:read')
  @ChannelAware()
  @LocationAware()
  async orders(
    @Query(valid(OrderListParameters)) query: OrderListParameters,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<OrderItem>> {
    return this.list(filterOf(query, principal), pageRequest(query));
  }
}

const filterOf = (query: OrderListParameters, principal: Principal): OrderFilter => {
  const { status, sku, customer, externalId, placedFrom, placedTo, hold, locationId, q } = query;
  const locations = locationsShown(principal, locationId);
  return {
    ...channelsOf(query, principal),
    ...(status && { statuses: status.split(',').map(statusNamed) }),
    ...(sku && { sku }),
    ...(customer && { customerId: customer }),
    ...(externalId && { externalId }),
    ...(placedFrom && { placedFrom: instantOf(placedFrom)! }),
    ...(placedTo && { placedTo: instantOf(placedTo)! }),
    ...(hold && { hold }),
    ...(locations && { locations }),
    ...(q && { text: q }),
    oldestFirst: query.sort === 'placedAt',
    withLines: query.include === 'lines',
  };
};

/** Those asked for; of these, only the caller's own. */
const channelsOf = (
  { channel }: OrderListParameters,
  principal: Principal,
): Pick<OrderFilter, 'channels'> => {
  const asked = channel ? channel.split(',') : principal.channels;
  return asked ? { channels: asked.filter((one) => mayUseChannel(principal, one)) } : {};
};

const statusNamed = (name: string): OrderStatus => {
  const status = ORDER_STATUSES.find((known) => known === name);
  if (status) return status;
  const message = `must be one of ${ORDER_STATUSES.join(', ')}`;
  throw invalidRequest([{ field: 'status', code: 'enum', message }]);
};
