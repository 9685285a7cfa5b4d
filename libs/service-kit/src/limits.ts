import {
  Inject,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { AuthenticatedRequest, Principal } from './access.js';
import { notFound, ProblemException } from './problem.js';

export const CHANNEL_AWARE = 'throughline:channel-aware';
export const LOCATION_AWARE = 'throughline:location-aware';

/**
 * A route that keeps to the channels of its caller, so that keys of single channels may call it. No other
 * route lets them in.
 */
export const ChannelAware = () => SetMetadata(CHANNEL_AWARE, true);

/** The same for keys of single locations. */
export const LocationAware = () => SetMetadata(LOCATION_AWARE, true);

type Limited = Pick<Principal, 'channels' | 'locations'>;

/** Why a caller is not let into a route that does not keep to its limits; undefined where it is. */
export const limitRefusal = (
  { channels, locations }: Limited,
  reflector: Reflector,
  route: Parameters<Reflector['getAllAndOverride']>[1],
): ProblemException | undefined => {
  if (channels && !reflector.getAllAndOverride(CHANNEL_AWARE, route))
    return new ProblemException({
      code: 'channel-key',
      title: 'Keys that are limited to channels may not call this',
      status: 403,
      channels,
    });
  if (locations && !reflector.getAllAndOverride(LOCATION_AWARE, route))
    return new ProblemException({
      code: 'location-key',
      title: 'Keys that are limited to locations may not call this',
      status: 403,
      locations,
    });
  return undefined;
};

/** Whether the caller may see and place orders of this channel. */
export const mayUseChannel = ({ channels }: Limited, channel: string): boolean =>
  channels === undefined || channels.includes(channel);

/** Whether the caller may see and work on what is at this location. */
export const mayUseLocation = ({ locations }: Limited, locationId: string): boolean =>
  locations === undefined || locations.includes(locationId);

/** 403: the caller's key is limited to other channels. */
export const channelNotAllowed = ({ channels }: Limited, channel: string): ProblemException =>
  new ProblemException({
    code: 'channel-not-allowed',
    title: `This key may not act for channel ${channel}`,
    status: 403,
    errors: [{ field: 'channel', code: 'channel', message: `must be one of ${channels?.join()}` }],
  });

/** 403: the caller names a location, and its key is limited to others. */
export const locationNotAllowed = ({ locations }: Limited, locationId: string): ProblemException =>
  new ProblemException({
    code: 'location-not-allowed',
    title: `This key may not act at location ${locationId}`,
    status: 403,
    errors: [
      { field: 'locationId', code: 'location', message: `must be one of ${locations?.join()}` },
    ],
  });

/**
 * The locations that a list may show: those asked for, of these the caller's own. Undefined: all; empty: none.
 */
export const locationsShown = (
  caller: Limited,
  asked: string | undefined,
): readonly string[] | undefined => {
  if (asked === undefined) return caller.locations;
  return mayUseLocation(caller, asked) ? [asked] : [];
};

/** Where one thing is; empty: nowhere yet. Undefined: there is no such thing. */
export type KnowsLocations = {
  locationsOf(id: string): Promise<readonly string[] | undefined>;
};

/**
 * For routes on one thing (`:id`): to a key of other locations than where it is there is no such thing. `token` provides who
 * knows; `whereverNext`: what is nowhere yet may come to any location.
 */
export const LocationGuard = (
  what: string,
  token: symbol,
  { whereverNext = false } = {},
): Type<CanActivate> => {
  @Injectable()
  class AtOwnLocation implements CanActivate {
    constructor(@Inject(token) private readonly things: KnowsLocations) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const { principal, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
      if (!principal?.locations) return true;
      const { id } = params as { readonly id: string };
      const at = await this.things.locationsOf(id);
      if (at?.some((locationId) => mayUseLocation(principal, locationId))) return true;
      if (at?.length === 0 && whereverNext) return true;
      throw notFound(what, id);
    }
  }
  return AtOwnLocation;
};
