import { newId } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { hashOf, keyIdOf, keyText, newSecret, parseKey, type KeyParts } from './key.js';
import { addKeyWithin } from './key-store.js';

const ADMIN = 'admin';

/**
 * Makes sure that somebody can get in: when no key is in force, registers `existing` (a key that the host has
 * kept, for example beside a database that was reset), or makes a new one where there is no such key or it
 * was revoked. Answers the text of a key that was made now, to be stored by the caller because it is shown only
 * here; undefined when none was needed. Hosts that start together make one key.
 */
export const ensureAdminKey = (
  database: Database,
  { existing }: { readonly existing?: string | undefined } = {},
): Promise<string | undefined> =>
  database.transaction(async (tx) => {
    await tx.query('lock table keys in share row exclusive mode');
    const { rows } = await tx.query<{ id: string; inForce: boolean }>(
      'select id, revoked_at is null as "inForce" from keys where revoked_at is null or id = $1',
      [existing === undefined ? null : (parseKey(existing)?.keyId ?? null)],
    );
    if (rows.some(({ inForce }) => inForce)) return undefined;
    const kept = existing === undefined ? undefined : parseKey(existing);
    // A key that is there but not in force was revoked: it must not come back to life.
    const isUsable = kept !== undefined && rows.length === 0;
    const parts: KeyParts = isUsable ? kept : { keyId: keyIdOf(newId()), secret: newSecret() };
    const createdAt = new Date().toISOString();
    const { keyId, secret } = parts;
    const hash = hashOf(secret);
    await addKeyWithin(tx, { keyId, name: ADMIN, hash, createdAt, createdBy: ADMIN });
    return isUsable ? undefined : keyText(parts);
  });
