import type { Database } from '@throughline/postgres';

/** What a key allows, as its maker said it. */
export type Grant = {
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  /** Only orders of these channels; null: of all. */
  readonly channels: readonly string[] | null;
  /** Requests per second; null: the usual. */
  readonly ratePerSecond: number | null;
  /** ISO 8601, UTC; null: until it is revoked. */
  readonly expiresAt: string | null;
};

export type NewKey = Grant & {
  readonly keyId: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly createdAt: string;
  readonly createdBy: string;
};

export type StoredKey = NewKey & {
  /** Roughly, and null where it was never used. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
};

/** An open transaction. */
export type Transaction = {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
};

const COLUMNS = `id as "keyId", name, hash, roles, actions, channels,
  rate_per_second as "ratePerSecond", expires_at as "expiresAt", last_used_at as "lastUsedAt",
  created_at as "createdAt", created_by as "createdBy",
  revoked_at as "revokedAt", revoked_by as "revokedBy"`;

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

/** Oldest first, `limit` keys after the given creation time and id. */
export const listKeys = (
  database: Database,
  limit: number,
  [createdAt, keyId]: readonly [string, string],
): Promise<StoredKey[]> =>
  database.query<StoredKey>(
    `select ${COLUMNS} from keys where (created_at, id) > ($1, $2)
     order by created_at, id limit $3`,
    [createdAt, keyId, limit],
  );

/** False when there is a key with that id already; that one stays as it is. */
export const addKey = async (tx: Transaction, key: NewKey): Promise<boolean> => {
  const { rows } = await tx.query(
    `insert into keys (id, name, hash, roles, actions, channels, rate_per_second, expires_at,
                       created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do nothing returning id`,
    [
      key.keyId,
      key.name,
      key.hash,
      key.roles,
      key.actions,
      key.channels,
      key.ratePerSecond,
      key.expiresAt,
      key.createdAt,
      key.createdBy,
    ],
  );
  return rows.length === 1;
};

/** Revokes a key, once: tells whether it was in force, or that there is none. */
export const revokeKey = async (
  tx: Transaction,
  keyId: string,
  { at, by }: { readonly at: string; readonly by: string },
): Promise<'revoked' | 'revoked-before' | 'unknown'> => {
  const revoked = await tx.query(
    `update keys set revoked_at = $2, revoked_by = $3
     where id = $1 and revoked_at is null returning id`,
    [keyId, at, by],
  );
  if (revoked.rows.length === 1) return 'revoked';
  const { rows } = await tx.query('select id from keys where id = $1', [keyId]);
  return rows.length === 1 ? 'revoked-before' : 'unknown';
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
