import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { KnownId } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import { locate } from '@throughline/geo';
import {
  ChannelAware,
  channelNotAllowed,
  CurrentPrincipal,
  invalidRequest,
  mayUseChannel,
  Needs,
  RequestCause,
  valid,
  WroteTo,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { HoldAnswer, LedgerRejection } from '../ledger/domain/ledger.js';
import type { Ledger } from '../ledger/ledger.js';
import { LEDGER } from '../ledger/movements.controller.js';
import {
  HOLD_SECONDS_DEFAULT,
  CheckoutHoldBody,
  holdAnswer,
  holdProblem,
  unknownLocation,
  unknownSku,
  wishesOf,
  type HeldAnswer,
} from './hold-body.js';
import type { HoldRequest, Holds } from './holds.js';
import type { PlacesQuery } from './places.query.js';

export const HOLDS = Symbol('holds');
export const PLACES = Symbol('places query');
export const HOLDS_CLOCK = Symbol('clock of holds');

export class ReservationPath {
  @KnownId() id!: string;
}

/** Checkouts hold stock for a time; the order that names the hold takes it over. */
@Controller('v1/inventory/reservations')
export class HoldsController {
  constructor(
    @Inject(HOLDS) private readonly holds: Holds,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(PLACES) private readonly places: PlacesQuery,
    @Inject(HOLDS_CLOCK) private readonly now: () => string,
  ) {}

  /**
   * Holds all of it or nothing, at one location or at the best ones for `shipTo`. A checkout that names its
   * `reservationId` again holds what it asks for now instead; the same again holds it for longer.
   */
  @Post()
  @Needs('orders:write')
  @ChannelAware()
  async hold(
    @Body(valid(CheckoutHoldBody)) body: CheckoutHoldBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<HeldAnswer> {
    const request = this.#requestOf(body, principal);
    const { outcome, position } = await this.holds.hold(request, cause);
    if (!outcome.ok) throw await this.#problemOf(outcome.rejection, body);
    wrote('inventory', position);
    return holdAnswer(outcome.hold as HoldAnswer);
  }

  #requestOf(body: CheckoutHoldBody, principal: Principal): HoldRequest {
    const seconds = body.ttlSeconds ?? HOLD_SECONDS_DEFAULT;
    const place = body.shipTo && locate(body.shipTo);
    return {
      reservationId: body.reservationId ?? null,
      wishes: wishesOf(body),
      locationId: body.locationId ?? null,
      destination: place ? { lat: place.lat, lng: place.lng } : null,
      channel: channelOf(body, principal),
      channels: principal.channels ?? null,
      expiresAt: new Date(Date.parse(this.now()) + seconds * 1_000).toISOString(),
    };
  }

  /** What is not there at all may be unknown: that is another mistake than a lack of stock. */
  async #problemOf(rejection: LedgerRejection, body: CheckoutHoldBody) {
    if (rejection.code !== 'insufficient-stock') return holdProblem(rejection);
    const missing = rejection.shortages.filter(({ available }) => available === 0);
    const unknown = await this.places.unknownSkus(missing.map(({ sku }) => sku));
    if (unknown.length > 0) return unknownSku(unknown, body.lines);
    const { locationId } = body;
    if (locationId && missing.length > 0) {
      const [nowhere] = await this.places.unknownLocations([locationId]);
      if (nowhere) return unknownLocation(nowhere);
    }
    return holdProblem(rejection);
  }

  /** Gives back what is still held. Safe to repeat. */
  @Delete(':id')
  @Needs('orders:write')
  @ChannelAware()
  @HttpCode(204)
  async giveBack(
    @Param(valid(ReservationPath)) { id }: ReservationPath,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = { reservationId: id, channels: principal.channels ?? null };
    const { outcome, position } = await this.ledger.carryOut({ type: 'GiveBackHold', data }, cause);
    if (!outcome.ok) throw holdProblem(outcome.rejection);
    wrote('inventory', position);
  }
}

/** A key that is limited to one channel holds for it without saying so. */
const channelOf = ({ channel }: CheckoutHoldBody, principal: Principal): string | null => {
  const stated = channel ?? (principal.channels?.length === 1 ? principal.channels[0]! : null);
  if (stated !== null && mayUseChannel(principal, stated)) return stated;
  if (stated === null && !principal.channels) return null;
  if (stated !== null) throw channelNotAllowed(principal, stated);
  throw invalidRequest([
    { field: 'channel', code: 'required', message: 'is required of a key of several channels' },
  ]);
};
