import { ItemChanged, LocationChanged } from '@throughline/contracts';
import { assertNever } from '@throughline/kernel';
import { publish, publisher } from '@throughline/messaging';
import { changedBy } from '../changed-by.js';
import { CATALOG_CATEGORY, catalogCodec } from './catalog.codec.js';

/** Items and locations as the other services need to know them. */
export const catalogPublisher = publisher({
  service: 'inventory',
  topic: 'oms.catalog',
  category: CATALOG_CATEGORY,
  codec: catalogCodec,
  map: ({ type, data }, { metadata }) => {
    const by = changedBy(metadata);
    switch (type) {
      case 'ItemChanged': {
        const { sku, version, item } = data;
        const { name, weightGrams } = item;
        return [publish(ItemChanged, sku, { sku, version, name, weightGrams, ...by })];
      }
      case 'LocationChanged': {
        const { locationId, version, location, open } = data;
        const { type: locationType, name, address, geo, active, activeFrom, activeTo } = location;
        const { country, postalCode } = address;
        return [
          publish(LocationChanged, locationId, {
            locationId,
            version,
            locationType,
            name,
            country,
            postalCode,
            geo,
            active: open ?? active,
            ...(activeFrom && { activeFrom }),
            ...(activeTo && { activeTo }),
            ...by,
          }),
        ];
      }
      default:
        return assertNever(type);
    }
  },
});
