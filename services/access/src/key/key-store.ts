import type { Database } from '@throughline/postgres';

export type StoredKey = {
  readonly keyId: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
};

export type NewKey = Omit<StoredKey, 'revokedAt' | 'revokedBy'>;

/** A connection of the pool or an open transaction. */
type Runner = {
  query(text: string, values: unknown[]): Promise<unknown>;
};

const COLUMNS = `id as "keyId", name, hash, created_at as "createdAt", created_by as "createdBy",
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

const INSERT = `insert into keys (id, name, hash, created_at, created_by) values ($1, $2, $3, $4, $5)
  on conflict (id) do nothing returning id`;

const valuesOf = ({ keyId, name, hash, createdAt, createdBy }: NewKey) => [
  keyId,
  name,
  hash,
  createdAt,
  createdBy,
];

/** False when there is a key with that id already; that one stays as it is. */
export const addKey = async (database: Database, key: NewKey): Promise<boolean> =>
  (await database.query(INSERT, valuesOf(key))).length === 1;

export const addKeyWithin = async (tx: Runner, key: NewKey): Promise<void> => {
  await tx.query(INSERT, valuesOf(key));
};

/** Revokes a key, once; false when there is none. */
export const revokeKey = async (
  database: Database,
  keyId: string,
  { at, by }: { readonly at: string; readonly by: string },
): Promise<boolean> => {
  const rows = await database.query(
    `update keys set revoked_by = case when revoked_at is null then $3 else revoked_by end,
                     revoked_at = coalesce(revoked_at, $2)
     where id = $1 returning id`,
    [keyId, at, by],
  );
  return rows.length === 1;
};
