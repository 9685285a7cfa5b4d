import { LedgerRepaired } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { changedBy } from '../changed-by.js';
import { REPAIR_CATEGORY, repairCodec } from './repair.codec.js';

/** Who put what of the ledger right, for the audit trail. */
export const repairPublisher = publisher({
  service: 'inventory',
  topic: 'oms.catalog',
  category: REPAIR_CATEGORY,
  codec: repairCodec,
  map: ({ data }, { metadata }) => [
    publish(LedgerRepaired, data.sku, { ...data, ...changedBy(metadata) }),
  ],
});
