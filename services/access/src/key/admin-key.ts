import { newId } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { hashOf, keyIdOf, keyText, newSecret, parseKey, type KeyParts } from './key.js';
import { ADMIN_IN_FORCE, type Actor, type NewKey } from './key-store.js';
import { addKeyWithin } from './keys.js';

/** The name of the first key, which no other may have. */
export const ADMIN = 'admin';
const SYSTEM: Actor = { id: 'system', name: 'system' };

/**
 * Makes sure that somebody can get in: when no admin key is in force, registers `existing` (a key that the host
 * has kept, for example beside a database that was reset), or makes a new one where there is no such key or it
 * was revoked. Answers the text of a key that was made now, to be stored by the caller because it is shown only
 * here; undefined when none was needed. Hosts that start together make one key.
 */
export const ensureAdminKey = (
  database: Database,
  { existing }: { readonly existing?: string | undefined } = {},
): Promise<string | undefined> =>
  database.transaction(async (tx) => {
    await tx.query('lock table keys in share row exclusive mode');
    const kept = existing === undefined ? undefined : parseKey(existing);
    const createdAt = new Date().toISOString();
    const { rows } = await tx.query<{ inForce: boolean }>(
      `select ${ADMIN_IN_FORCE} as "inForce" from keys where id = $1 or ${ADMIN_IN_FORCE}`,
      [kept?.keyId ?? null, createdAt],
    );
    if (rows.some(({ inForce }) => inForce)) return undefined;
    // A key that is there but not in force was revoked: it must not come back to life.
    const isUsable = kept !== undefined && rows.length === 0;
    const parts = isUsable ? kept : { keyId: keyIdOf(newId()), secret: newSecret() };
    await addKeyWithin(tx, adminKey(parts, createdAt));
    return isUsable ? undefined : keyText(parts);
  });

/**
 * Makes sure that this key, which somebody chose (`tl_` + 16 hexadecimal digits + `_` + 32 random bytes in base64url), is an
 * admin key, whatever others there are. False when it is none by its shape, has another secret or less rights,
 * or was revoked: then nothing has changed.
 */
export const registerAdminKey = (database: Database, text: string): Promise<boolean> =>
  database.transaction(async (tx) => {
    const parts = parseKey(text);
    if (!parts) return false;
    const createdAt = new Date().toISOString();
    await addKeyWithin(tx, adminKey(parts, createdAt));
    const { rows } = await tx.query(
      `select id from keys where id = $1 and hash = $3 and ${ADMIN_IN_FORCE}`,
      [parts.keyId, createdAt, hashOf(parts.secret)],
    );
    return rows.length === 1;
  });

const adminKey = ({ keyId, secret }: KeyParts, createdAt: string): NewKey => ({
  keyId,
  name: ADMIN,
  hash: hashOf(secret),
  roles: ['admin'],
  actions: [],
  channels: null,
  locations: null,
  ratePerSecond: null,
  expiresAt: null,
  createdAt,
  createdBy: SYSTEM,
});
