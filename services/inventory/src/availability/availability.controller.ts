import { Controller, Get, Inject, Query } from '@nestjs/common';
import {
  COUNTRIES,
  IdList,
  KnownId,
  Optional,
  QUANTITY_MAX,
  Text,
  Time,
} from '@throughline/contracts';
import { locate } from '@throughline/geo';
import type { GeoPoint } from '@throughline/kernel';
import {
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  idsNamed,
  invalidRequest,
  mayUseChannel,
  Needs,
  pastInstant,
  repeatable,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import type { UnknownIds } from '../catalog/known-ids.query.js';
import { UNKNOWN_IDS } from '../catalog/unknown-ids.interceptor.js';
import { availabilityOf, availabilityThen, type Availability } from './availability.js';
import type { AvailabilityQuery } from './availability.query.js';

export const AVAILABILITY_QUERY = Symbol('availability query');
export const AVAILABILITY_CLOCK = Symbol('clock of availability');
const SKUS_MAX = 50;
const DESTINATION = /^([A-Z]{2})(?:[ -](.{1,20}))?$/;

export class AvailabilityListQuery {
  @IdList(SKUS_MAX, 1) sku!: string[];
  /** A country, or a country and a postal code (`GB SW1Y 4JH`): locations come nearest first. */
  @Optional() @Text() shipTo?: string;
  /** What can be promised for then; now where it is absent or has passed. */
  @Optional() @Time() date?: string;
  /** Whose buffer and share apply. */
  @Optional() @KnownId() channel?: string;
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
    @Inject(UNKNOWN_IDS) private readonly unknownOf: UnknownIds,
  ) {}

  /**
   * What can be promised of these SKUs (`sku=A&sku=B`, or `sku=A,B`), in all and per active location, and when there is
   * more. SKUs that there are not are named in `unknown`.
   */
  @Get()
  @Needs('inventory:read')
  @ChannelAware()
  async list(
    @Query(repeatable('sku'), valid(AvailabilityListQuery)) asked: AvailabilityListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<Availability>> {
    const named = await this.#skusOf(asked);
    const unknown = await this.unknownOf({ skus: named });
    const skus = named.filter((sku) => !unknown.includes(sku));
    const answer = (items: readonly Availability[]): Page<Availability> => ({
      items,
      nextCursor: null,
      ...(unknown.length > 0 && { unknown }),
    });
    const { asOf } = asked;
    if (asOf !== undefined) {
      refuseBeside(asked);
      const instant = pastInstant(asOf, this.clock());
      const found = await this.query.at(skus, instant);
      const at = Date.parse(instant);
      return answer(found.map((one) => availabilityThen(one, at)));
    }
    const quantity = quantityOf(asked);
    const destination = destinationOf(asked);
    const channel = channelOf(asked, principal);
    const now = Date.parse(this.clock());
    const date = asked.date === undefined ? now : Date.parse(asked.date);
    const found = await this.query.now(skus, channel);
    const wish = { now, date, quantity, destination };
    return answer(found.map((one) => availabilityOf(one, wish)));
  }

  async #skusOf({ sku }: AvailabilityListQuery): Promise<readonly string[]> {
    const skus = await idsNamed(
      sku,
      async (one) => (await this.unknownOf({ skus: [one] })).length === 0,
    );
    if (skus.length === 0 || skus.length > SKUS_MAX)
      throw refusal('sku', 'range', `must name 1 to ${SKUS_MAX} SKUs`);
    return skus;
  }
}

const refusal = (field: string, code: string, message: string) =>
  invalidRequest([{ field, code, message }]);

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
  if (!country || !COUNTRIES.has(country))
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
