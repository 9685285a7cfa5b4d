import type { Actor, Transaction } from '../key/key-store.js';

/** Who changed which setting. */
export type AuditEntry = {
  /** That of the message or change behind it, so that nothing is told twice. */
  readonly entryId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: Actor;
  readonly service: string;
  /** `<kind>:<id>`, for example `key:0123456789abcdef`. */
  readonly subject: string;
  /** In one word: `created`, `changed`, `revoked`, `repaired`. */
  readonly change: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** Adds entries, one statement for all; those that are there already stay as they are. */
export const ADD_ENTRIES = `
  insert into audit (entry_id, at, actor, service, subject, change, details, actor_id)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
    $8::text[])
  on conflict (entry_id) do nothing`;

export const valuesOf = (entries: readonly AuditEntry[]): unknown[] => [
  entries.map(({ entryId }) => entryId),
  entries.map(({ at }) => at),
  entries.map(({ actor }) => actor.name),
  entries.map(({ service }) => service),
  entries.map(({ subject }) => subject),
  entries.map(({ change }) => change),
  entries.map(({ details }) => JSON.stringify(details)),
  entries.map(({ actor }) => actor.id),
];

/** Adds an entry in the transaction of what it tells about. */
export const addEntry = async (tx: Transaction, entry: AuditEntry): Promise<void> => {
  await tx.query(ADD_ENTRIES, valuesOf([entry]));
};
