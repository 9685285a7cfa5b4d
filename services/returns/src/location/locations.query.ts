import type { Database } from '@throughline/postgres';

/** Whether the catalogue has told of a location. */
export type KnowsLocation = (locationId: string) => Promise<boolean>;

export const knowsLocation =
  (database: Database): KnowsLocation =>
  async (locationId) => {
    const text = 'select from location where location_id = $1';
    return (await database.query(text, [locationId], 'location-known')).length > 0;
  };
