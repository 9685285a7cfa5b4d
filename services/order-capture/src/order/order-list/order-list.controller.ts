import { Controller, Get, Inject, Query } from '@nestjs/common';
import { IdList, KnownId, OneOf, Optional, Time } from '@throughline/contracts';
import { instantOf } from '@throughline/kernel';
import {
  PageQuery,
  ChannelAware,
  CurrentPrincipal,
  idsNamed,
  invalidRequest,
  LocationAware,
  locationsShown,
  mayUseChannel,
  Needs,
  pageRequest,
  repeatable,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import { HOLD_KINDS, type HoldKind } from '../domain/order.js';
import { ORDER_STATUSES, type OrderStatus } from '../domain/order-status.js';
import type { OrderItem } from '../order-item.js';
import type { OrderFilter, OrderListQuery } from './order-list.query.js';

export const ORDER_LIST = Symbol('order list');

/** SKUs or channels of one request. */
const LISTED_MAX = 50;
const SORTS = ['placedAt', '-placedAt'] as const;
const INCLUDES = ['lines'] as const;

export class OrderListParameters extends PageQuery {
  /** One or several: repeated, or with commas between. */
  @Optional() @IdList(LISTED_MAX) channel?: string[];
  /** One status, or several with commas between. */
  @Optional() @KnownId(500) status?: string;
  /** As `channel`: orders of any of them. */
  @Optional() @IdList(LISTED_MAX) sku?: string[];
  @Optional() @KnownId() customer?: string;
  @Optional() @KnownId() externalId?: string;
  @Optional() @Time() placedFrom?: string;
  @Optional() @Time() placedTo?: string;
  @Optional() @OneOf(HOLD_KINDS) hold?: HoldKind;
  @Optional() @KnownId() locationId?: string;
  @Optional() @KnownId() q?: string;
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
    @Query(repeatable('channel', 'sku'), valid(OrderListParameters)) query: OrderListParameters,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<OrderItem>> {
    const channels = query.channel && (await idsNamed(query.channel, this.list.hasChannel));
    const skus = query.sku && (await idsNamed(query.sku, this.list.hasSku));
    const filter = {
      ...filterOf(query, principal),
      ...channelsOf(channels, principal),
      ...(skus && { skus }),
    };
    return this.list.page(filter, pageRequest(query));
  }
}

const filterOf = (query: OrderListParameters, principal: Principal): OrderFilter => {
  const { status, customer, externalId, placedFrom, placedTo, hold, locationId, q } = query;
  const locations = locationsShown(principal, locationId);
  return {
    ...(status && { statuses: status.split(',').map(statusNamed) }),
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
  named: readonly string[] | undefined,
  principal: Principal,
): Pick<OrderFilter, 'channels'> => {
  const asked = named ?? principal.channels;
  return asked ? { channels: asked.filter((one) => mayUseChannel(principal, one)) } : {};
};

const statusNamed = (name: string): OrderStatus => {
  const status = ORDER_STATUSES.find((known) => known === name);
  if (status) return status;
  const message = `must be one of ${ORDER_STATUSES.join(', ')}`;
  throw invalidRequest([{ field: 'status', code: 'enum', message }]);
};
