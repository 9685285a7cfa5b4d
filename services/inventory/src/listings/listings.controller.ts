import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import {
  Count,
  Id,
  KnownId,
  LISTING_STATES,
  OneOf,
  Optional,
  UNITS_MAX,
  type ListingState,
} from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  PageQuery,
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  invalidRequest,
  mayUseChannel,
  Needs,
  notFound,
  OncePerKey,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import type { Listing } from './listing.js';
import type { Listings } from './listings.js';
import type { ListingsQuery } from './listings.query.js';

export const LISTINGS = Symbol('listings');
export const LISTINGS_QUERY = Symbol('listings query');

export class ChannelListingsPath {
  @KnownId() channel!: string;
}
export class ListingPath extends ChannelListingsPath {
  @KnownId() sku!: string;
}
export class NewListingPath {
  @Id() channel!: string;
  @KnownId() sku!: string;
}
export class ListingsListQuery extends PageQuery {
  @Optional() @OneOf(LISTING_STATES) state?: ListingState;
}
export class ListingBody {
  /** Most units that the channel may have promised since it lists the item; any number where it is null. */
  @Optional() @Count(UNITS_MAX) quota?: number | null;
  /** Units of every shelf that are not for this channel. */
  @Optional() @Count(UNITS_MAX) buffer?: number | null;
}

/** What channels list, and their shares of the stock. */
@Controller('v1/inventory/channels/:channel/listings')
export class ListingsController {
  constructor(
    @Inject(LISTINGS) private readonly listings: Listings,
    @Inject(LISTINGS_QUERY) private readonly query: ListingsQuery,
  ) {}

  /** Sets a channel's share of an item. A quota below what is promised takes nothing back. Safe to repeat. */
  @Put(':sku')
  @Needs('inventory:settings')
  @OncePerKey()
  async put(
    @Param(valid(NewListingPath)) { channel, sku }: NewListingPath,
    @Body(valid(ListingBody)) { quota, buffer }: ListingBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Listing> {
    const share = { quota: quota ?? null, buffer: buffer ?? 0 };
    const set = await this.listings.set(channel, sku, share);
    if (!set) {
      const message = `${sku} is not in the catalogue`;
      throw invalidRequest([{ field: 'sku', code: 'unknown-sku', message }]);
    }
    void reply.status(set.isNew ? 201 : 200);
    return this.#found(channel, sku);
  }

  /** What the channel lists, by SKU, with what it can sell now and what it was told last. */
  @Get()
  @Needs('inventory:read')
  @ChannelAware()
  async list(
    @Param(valid(ChannelListingsPath)) { channel }: ChannelListingsPath,
    @Query(valid(ListingsListQuery)) { state, ...page }: ListingsListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<Listing>> {
    if (!mayUseChannel(principal, channel)) throw channelNotAllowed(principal, channel);
    return this.query.list({ channel, state: state ?? null }, pageRequest(page));
  }

  @Get(':sku')
  @Needs('inventory:read')
  @ChannelAware()
  async one(
    @Param(valid(ListingPath)) { channel, sku }: ListingPath,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Listing> {
    if (!mayUseChannel(principal, channel)) throw channelNotAllowed(principal, channel);
    return this.#found(channel, sku);
  }

  /** Ends a listing and the share; a channel that was told last that there is some hears that there is none. */
  @Delete(':sku')
  @Needs('inventory:settings')
  @OncePerKey()
  @HttpCode(204)
  async remove(
    @Param(valid(ListingPath)) { channel, sku }: ListingPath,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const removed = await this.listings.remove(channel, sku, cause);
    if (!removed) throw notFound('listing', sku);
    wrote('inventory', removed.position);
  }

  async #found(channel: string, sku: string): Promise<Listing> {
    const found = await this.query.one(channel, sku);
    if (!found) throw notFound('listing', sku);
    return found;
  }
}
