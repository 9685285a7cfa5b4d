import type { Transaction } from '../key/key-store.js';

/** Who changed which setting. */
export type AuditEntry = {
  /** That of the event or message behind it. */
  readonly entryId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: string;
  readonly service: string;
  /** `<kind>:<id>`, for example `key:0123456789abcdef`. */
  readonly subject: string;
  /** In one word: `created`, `changed`, `revoked`. */
  readonly change: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** Adds an entry, in the transaction of what it tells about; one that is there already stays as it is. */
export const addEntry = async (tx: Transaction, entry: AuditEntry): Promise<void> => {
  const { entryId, at, actor, service, subject, change, details } = entry;
  await tx.query(
    `insert into audit (entry_id, at, actor, service, subject, change, details)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (entry_id) do nothing`,
    [entryId, at, actor, service, subject, change, details],
  );
};
