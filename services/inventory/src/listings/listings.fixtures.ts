import { AvailabilityChanged, type ListingAvailabilityChanged } from '@throughline/contracts';
import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { dueListings, listingsLookThrough } from './listings.process.js';
import { tellerOf } from './telling.js';

/** A warehouse and the channels that it tells what they can sell. */
export type Market = Warehouse & {
  share(sku: string, quota: number | null, buffer?: number, channel?: string): Promise<void>;
  /** Hands all messages about shelves on that were not handed on yet. */
  passOn(): Promise<void>;
  /** Tells what follows from anything but shelves. */
  seeToDue(): Promise<void>;
  lookThrough(): Promise<void>;
  /** What channels were told, oldest first. */
  toldChannels(): Promise<ListingAvailabilityChanged[]>;
  /** What routing was told of a SKU: location, available and version, oldest first. */
  toldRouting(sku: string): Promise<(readonly [string, number, number])[]>;
};

export const market = async (): Promise<Market> => {
  const inventory = await warehouse();
  const { database } = inventory.runtime;
  const tell = tellerOf(inventory.runtime);
  let passed = 0;
  const shelves = async () =>
    (await inventory.published('oms.availability')).filter(
      ({ type }) => type === 'AvailabilityChanged',
    );
  return {
    ...inventory,
    share: async (sku, quota, buffer = 0, channel = 'market') => {
      const path = `/v1/inventory/channels/${channel}/listings/${sku}`;
      const { status, body } = await inventory.http('PUT', path, { quota, buffer });
      if (status >= 300) throw new Error(JSON.stringify(body));
    },
    passOn: async () => {
      const open = (await shelves()).slice(passed);
      passed += open.length;
      await Promise.all(
        open.map(({ key, data, id }) =>
          inventory.deliver(AvailabilityChanged, key, data as AvailabilityChanged, { id }),
        ),
      );
    },
    seeToDue: () => dueListings(tell, database).run(),
    lookThrough: () => listingsLookThrough(tell, database).run(),
    toldChannels: async () =>
      (await inventory.published('oms.availability')).flatMap(({ type, data }) =>
        type === 'ListingAvailabilityChanged' ? [data as ListingAvailabilityChanged] : [],
      ),
    toldRouting: async (sku) =>
      (await shelves()).flatMap(({ data }) => {
        const told = data as AvailabilityChanged;
        return told.sku === sku ? [[told.locationId, told.available, told.version] as const] : [];
      }),
  };
};
