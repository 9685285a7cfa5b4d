import {
  ItemChanged,
  LedgerRepaired,
  LocationChanged,
  SafetyStockChanged,
  type ContractMessage,
} from '@throughline/contracts';
import { gatherer } from '@throughline/kernel';
import { consumer, on, type Consumer } from '@throughline/messaging';
import type { Database } from '@throughline/service-kit';
import { ADD_ENTRIES, valuesOf, type AuditEntry } from './audit-log.js';

const ENTRIES_MAX = 1_000;
/** Of changes that were made before messages said who made them. */
const UNKNOWN = 'unknown';

type Changed = { readonly changedBy?: string | null; readonly changedById?: string | null };

/** Who changed items, locations and safety stock, and who put the ledger right. The message's id keeps a change from being told twice. */
export const catalogConsumer = (database: Database): Consumer => {
  const save = gatherer<AuditEntry, void>({
    batchMax: ENTRIES_MAX,
    run: async (entries) => {
      await database.query(ADD_ENTRIES, valuesOf(entries), 'add-audit-entries');
      return entries.map(() => ({ result: undefined }));
    },
  });
  const note = (
    { id, time, source, data }: ContractMessage<Changed>,
    subject: string,
    details: AuditEntry['details'],
    change = 'changed',
  ): Promise<void> => {
    const actor = { id: data.changedById ?? null, name: data.changedBy ?? UNKNOWN };
    const at = new Date(time).toISOString();
    return save({ entryId: id, at, actor, service: source, subject, change, details });
  };
  return consumer({
    group: 'access.oms.catalog',
    topic: 'oms.catalog',
    handlers: [
      on(ItemChanged, (message) => {
        const { sku, name, version } = message.data;
        return note(message, `item:${sku}`, { name, version });
      }),
      on(LocationChanged, (message) => {
        const { locationId, name, active, version } = message.data;
        return note(message, `location:${locationId}`, { name, active, version });
      }),
      on(SafetyStockChanged, (message) => {
        const { sku, locationId, safetyStock } = message.data;
        return note(message, `safety-stock:${sku}@${locationId}`, { safetyStock });
      }),
      on(LedgerRepaired, (message) => {
        const { sku, name, explanation, proposal, reason } = message.data;
        const details = { name, explanation, proposal, reason };
        return note(message, `ledger:${sku}`, details, 'repaired');
      }),
    ],
  });
};
