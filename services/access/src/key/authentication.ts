import type { Authenticate } from '@throughline/service-kit';
import { LRUCache } from 'lru-cache';
import { isSecretOf, parseKey } from './key.js';
import type { StoredKey } from './key-store.js';

/** A revoked key stops working everywhere within this time. */
export const KEY_CACHE_MS = 3_000;
const CACHED_KEYS_MAX = 1_000;

type Read = { readonly key: Promise<StoredKey | undefined>; readonly readAtMs: number };

export type Authentication = {
  readonly authenticate: Authenticate;
  /** The key has changed: look it up again. */
  readonly forget: (keyId: string) => void;
};

/**
 * Tells who holds a key. Stored keys are kept for `KEY_CACHE_MS`, so that requests do not wait for the
 * database; unknown ids too, so that guesses do not load it. `nowMs` is a clock in milliseconds.
 */
export const authentication = (
  find: (keyId: string) => Promise<StoredKey | undefined>,
  nowMs: () => number,
): Authentication => {
  const cache = new LRUCache<string, Read>({ max: CACHED_KEYS_MAX });

  const stored = (keyId: string): Promise<StoredKey | undefined> => {
    const known = cache.get(keyId);
    const now = nowMs();
    // A clock that was set back must not keep a key alive.
    if (known && now >= known.readAtMs && now - known.readAtMs < KEY_CACHE_MS) return known.key;
    const key = find(keyId);
    const read = { key, readAtMs: now };
    cache.set(keyId, read);
    key.catch(() => {
      if (cache.peek(keyId) === read) cache.delete(keyId);
    });
    return key;
  };

  return {
    authenticate: async (text) => {
      const parts = parseKey(text);
      if (!parts) return undefined;
      const key = await stored(parts.keyId);
      if (!key || key.revokedAt !== null || !isSecretOf(key.hash, parts.secret)) return undefined;
      return { id: key.keyId, name: key.name };
    },
    forget: (keyId) => {
      cache.delete(keyId);
    },
  };
};
