import { derivedId } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import { addEntry } from '../audit/audit-log.js';
import type { Limits } from './key-limits.js';
import {
  addKey,
  revokeKey,
  type Actor,
  type NewKey,
  type Revocation,
  type Transaction,
} from './key-store.js';

/** Changes of keys; each is written together with its entry in the audit trail. */
export type Keys = {
  /** False when there is a key with that id already; that one stays as it is. */
  add(key: NewKey): Promise<boolean>;
  /** Safe to repeat. */
  revoke(keyId: string, at: string, by: Actor, limits?: Limits): Promise<Revocation>;
};

/** Adds a key with its entry, in a transaction of the caller's. */
export const addKeyWithin = async (tx: Transaction, key: NewKey): Promise<boolean> => {
  const isNew = await addKey(tx, key);
  if (!isNew) return false;
  const { keyId, name, roles, actions, channels, locations, ratePerSecond, expiresAt } = key;
  await addEntry(tx, {
    ...entryHead(keyId, 'created'),
    at: key.createdAt,
    actor: key.createdBy,
    details: { name, roles, actions, channels, locations, ratePerSecond, expiresAt },
  });
  return true;
};

export const keysIn = (database: Database): Keys => ({
  add: (key) => database.transaction((tx) => addKeyWithin(tx, key)),
  revoke: (keyId, at, by, limits = {}) =>
    database.transaction(async (tx) => {
      const outcome = await revokeKey(tx, keyId, { at, by, limits });
      if (outcome === 'revoked')
        await addEntry(tx, { ...entryHead(keyId, 'revoked'), at, actor: by, details: {} });
      return outcome;
    }),
});

/** A key is made once and revoked once, so that names the entry. */
const entryHead = (keyId: string, change: 'created' | 'revoked') => ({
  entryId: derivedId('audit', keyId, change),
  service: 'access',
  subject: `key:${keyId}`,
  change,
});
