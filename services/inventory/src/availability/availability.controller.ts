import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Id, ID_MAX, Optional, QUANTITY_MAX, Text, Time } from '@throughline/contracts';
import { locate } from '@throughline/geo';
import { instantOf, type GeoPoint } from '@throughline/kernel';
import {
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  invalidRequest,
  mayUseChannel,
  Needs,
  valid,
  type Principal,
} from '@throughline/service-kit';
import { availabilityOf, availabilityThen, type Availability } from './availability.js';
import type { AvailabilityQuery } from './availability.query.js';

export const AVAILABILITY_QUERY = Symbol('availability query');
export const AVAILABILITY_CLOCK = Symbol('clock of availability');
const SKUS_MAX = 50;
const DESTINATION = /^([A-Z]{2})(?:[ -](.{1,20}))?$/;

export class AvailabilityListQuery {
  /** Separated by commas. */
  @Text(SKUS_MAX * (ID_MAX + 1)) sku!: string;
  /** A country, or a country and a postal code (`GB SW1Y 4JH`): locations come nearest first. */
  @Optional() @Text() shipTo?: string;
  /** What can be promised for then; now where it is absent or has passed. */
  @Optional() @Time() date?: string;
  /** Whose buffer and share apply. */
  @Optional() @Id() channel?: string;
  /** How many `earliest` is told for; 1 where it is absent. */
  @Optional() @Text(10) quantity?: string;
  /** How it stood then; goes with nothing but SKUs. */
  @Optional() @Time() asOf?: string;
}

@Controller('v1/inventory/availability')
export class AvailabilityController {
  constructor(
    @Inject(AVAILABILITY_QUERY) private readonly query: AvailabilityQuery,
    @Inject(AVAILABILITY_CLOCK) private readonly clock: () => string,
  ) {}

  /** What can be promised of these SKUs (`sku=A,B`), in all and per active location, and when there is more. */
  @Get()
  @Needs('inventory:read')
  @ChannelAware()
  async list(
    @Query(valid(AvailabilityListQuery)) asked: AvailabilityListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ items: readonly Availability[]; nextCursor: null }> {
    const skus = skusOf(asked);
    const { asOf } = asked;
    if (asOf !== undefined) {
      refuseBeside(asked);
      const found = await this.query.at(skus, instantOf(asOf)!);
      const at = Date.parse(asOf);
      return { items: found.map((one) => availabilityThen(one, at)), nextCursor: null };
    }
    const quantity = quantityOf(asked);
    const destination = destinationOf(asked);
    const channel = channelOf(asked, principal);
    const now = Date.parse(this.clock());
    const date = asked.date === undefined ? now : Date.parse(asked.date);
    const found = await this.query.now(skus, channel);
    const wish = { now, date, quantity, destination };
    return { items: found.map((one) => availabilityOf(one, wish)), nextCursor: null };
  }
}

const refusal = (field: string, code: string, message: string) =>
  invalidRequest([{ field, code, message }]);

const skusOf = ({ sku }: AvailabilityListQuery): string[] => {
  const skus = [...new Set(sku.split(',').filter((one) => one !== ''))];
  if (skus.length === 0 || skus.length > SKUS_MAX)
    throw refusal('sku', 'range', `must name 1 to ${SKUS_MAX} SKUs`);
  return skus;
};

const refuseBeside = (asked: AvailabilityListQuery): void => {
  for (const field of ['date', 'channel', 'quantity', 'shipTo'] as const)
    if (asked[field] !== undefined) throw refusal(field, 'rule', 'does not go with asOf');
};

const quantityOf = ({ quantity = '1' }: AvailabilityListQuery): number => {
  const units = Number(quantity);
  if (!/^\d+$/.test(quantity) || units < 1 || units > QUANTITY_MAX)
    throw refusal('quantity', 'range', `must be a whole number from 1 to ${QUANTITY_MAX}`);
  return units;
};

const destinationOf = ({ shipTo }: AvailabilityListQuery): GeoPoint | null => {
  if (shipTo === undefined) return null;
  const [, country, postalCode] = DESTINATION.exec(shipTo) ?? [];
  if (!country)
    throw refusal('shipTo', 'format', 'must be a country, or a country and a postal code');
  return locate({ country, postalCode: postalCode ?? null }) ?? null;
};

/** A key that is limited to one channel asks for it without saying so. */
const channelOf = ({ channel }: AvailabilityListQuery, principal: Principal): string | null => {
  const stated = channel ?? (principal.channels?.length === 1 ? principal.channels[0]! : null);
  if (stated !== null && !mayUseChannel(principal, stated))
    throw channelNotAllowed(principal, stated);
  return stated;
};
