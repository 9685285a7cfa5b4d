import type { Database } from '@throughline/postgres';
import { isWithin, type Limits } from './key-limits.js';

/** What a key allows, as its maker said it. */
export type Grant = {
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  /** Only orders of these channels; null: of all. */
  readonly channels: readonly string[] | null;
  /** Only what is at these locations; null: at all. */
  readonly locations: readonly string[] | null;
  /** Requests per second; null: the usual. */
  readonly ratePerSecond: number | null;
  /** ISO 8601, UTC; null: until it is revoked. */
  readonly expiresAt: string | null;
};

/** Who did it: the id of their key or token, and what that was called then. Only the name is known of what was done long ago. */
export type Actor = { readonly id: string | null; readonly name: string };

export type NewKey = Grant & {
  readonly keyId: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly createdAt: string;
  readonly createdBy: Actor;
};

export type StoredKey = NewKey & {
  /** Roughly, and null where it was never used. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: Actor | null;
};

/** An open transaction. */
export type Transaction = {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
};

const COLUMNS = `id as "keyId", name, hash, roles, actions, channels, locations,
  rate_per_second as "ratePerSecond", expires_at as "expiresAt", last_used_at as "lastUsedAt",
  created_at as "createdAt", jsonb_build_object('id', created_by_id, 'name', created_by) as "createdBy",
  revoked_at as "revokedAt", case when revoked_at is not null then
    jsonb_build_object('id', revoked_by_id, 'name', revoked_by) end as "revokedBy"`;

/** A key that can hand out every right; `$2`: the time now. */
export const ADMIN_IN_FORCE = `revoked_at is null and (expires_at is null or expires_at > $2)
  and channels is null and locations is null and 'admin' = any(roles)`;

export const findKey = async (
  database: Database,
  keyId: string,
): Promise<StoredKey | undefined> => {
  const [found] = await database.query<StoredKey>(
    `select ${COLUMNS} from keys where id = $1`,
    [keyId],
    'find-key',
  );
  return found;
};

/** Oldest first, `limit` keys after the given creation time and id, of those within these limits. */
export const listKeys = (
  database: Database,
  limit: number,
  [createdAt, keyId]: readonly [string, string],
  { channels, locations }: Limits,
): Promise<StoredKey[]> =>
  database.query<StoredKey>(
    `select ${COLUMNS} from keys where (created_at, id) > ($1, $2)
       and ($4::text[] is null or channels <@ $4) and ($5::text[] is null or locations <@ $5)
     order by created_at, id limit $3`,
    [createdAt, keyId, limit, channels ?? null, locations ?? null],
  );

/** False when there is a key with that id already; that one stays as it is. */
export const addKey = async (tx: Transaction, key: NewKey): Promise<boolean> => {
  const { rows } = await tx.query(
    `insert into keys (id, name, hash, roles, actions, channels, locations, rate_per_second,
                       expires_at, created_at, created_by, created_by_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do nothing returning id`,
    [
      key.keyId,
      key.name,
      key.hash,
      key.roles,
      key.actions,
      key.channels,
      key.locations,
      key.ratePerSecond,
      key.expiresAt,
      key.createdAt,
      key.createdBy.name,
      key.createdBy.id,
    ],
  );
  return rows.length === 1;
};

/** What came of a wish to revoke a key. */
export type Revocation = 'revoked' | 'revoked-before' | 'unknown' | 'last-admin';

/**
 * Revokes a key, once; one that is beyond the limits of who asks is unknown. The admin key that lasts the longest stays:
 * without it no one could be let in any more.
 */
export const revokeKey = async (
  tx: Transaction,
  keyId: string,
  { at, by, limits }: { readonly at: string; readonly by: Actor; readonly limits: Limits },
): Promise<Revocation> => {
  // Two admins that revoke each other come one after the other.
  await tx.query('lock table keys in share row exclusive mode', []);
  const { rows } = await tx.query(
    `select ${COLUMNS}, ${ADMIN_IN_FORCE} as "isAdmin" from keys where id = $1`,
    [keyId, at],
  );
  const [key] = rows as readonly (StoredKey & { readonly isAdmin: boolean })[];
  if (!key || !isWithin(limits, key)) return 'unknown';
  if (key.revokedAt !== null) return 'revoked-before';
  if (key.isAdmin && !(await isOutlasted(tx, key, at))) return 'last-admin';
  await tx.query(
    `update keys set revoked_at = $2, revoked_by = $3, revoked_by_id = $4 where id = $1`,
    [keyId, at, by.name, by.id],
  );
  return 'revoked';
};

/** Whether another admin key lasts as long as this one. */
const isOutlasted = async (
  tx: Transaction,
  { keyId, expiresAt }: StoredKey,
  at: string,
): Promise<boolean> => {
  const { rows } = await tx.query(
    `select id from keys where id <> $1 and ${ADMIN_IN_FORCE}
       and (expires_at is null or expires_at >= $3) limit 1`,
    [keyId, at, expiresAt],
  );
  return rows.length > 0;
};

/** Notes that a key was used; an older time than the one noted changes nothing. */
export const noteUse = async (database: Database, keyId: string, at: string): Promise<void> => {
  await database.query(
    `update keys set last_used_at = $2
     where id = $1 and (last_used_at is null or last_used_at < $2)`,
    [keyId, at],
    'note-use',
  );
};
