import { actionsOf, type Authenticate, type Principal } from '@throughline/service-kit';
import { LRUCache } from 'lru-cache';
import { isSecretOf, parseKey } from './key.js';
import type { StoredKey } from './key-store.js';

/** A revoked key stops working in every process of this service within this time. */
export const KEY_CACHE_MS = 3_000;
/** The time of the last use is kept no more exactly than this. */
export const LAST_USE_GRAIN_MS = 5 * 60_000;
const CACHED_KEYS_MAX = 1_000;

type Known = { readonly key: StoredKey; readonly principal: Principal };
type Read = { readonly known: Promise<Known | undefined>; readonly readAtMs: number };

export type Authentication = {
  readonly authenticate: Authenticate;
  /** The key has changed: look it up again. */
  readonly forget: (keyId: string) => void;
};

export type AuthenticationOptions = {
  readonly find: (keyId: string) => Promise<StoredKey | undefined>;
  /** Told that a key is used at this time (ISO 8601, UTC), every few minutes of its use. Must not throw. */
  readonly used: (keyId: string, at: string) => void;
  /** The current time in milliseconds. */
  readonly nowMs: () => number;
};

/**
 * Tells who holds a key. Stored keys are kept for `KEY_CACHE_MS`, so that requests do not wait for the
 * database; unknown ids too, so that guesses do not load it.
 */
export const authentication = ({ find, used, nowMs }: AuthenticationOptions): Authentication => {
  const cache = new LRUCache<string, Read>({ max: CACHED_KEYS_MAX });
  const usedAtMs = new LRUCache<string, number>({ max: CACHED_KEYS_MAX });

  const lookUp = (keyId: string): Promise<Known | undefined> => {
    const earlier = cache.get(keyId);
    const now = nowMs();
    // A clock that was set back must not keep a key alive.
    if (earlier && now >= earlier.readAtMs && now - earlier.readAtMs < KEY_CACHE_MS)
      return earlier.known;
    const known = find(keyId).then((key) => key && { key, principal: principalOf(key) });
    const read = { known, readAtMs: now };
    cache.set(keyId, read);
    known.catch(() => {
      if (cache.peek(keyId) === read) cache.delete(keyId);
    });
    return known;
  };

  const noteUse = ({ keyId, lastUsedAt }: StoredKey): void => {
    const now = nowMs();
    const before = usedAtMs.get(keyId) ?? Date.parse(lastUsedAt ?? '');
    if (now - before < LAST_USE_GRAIN_MS) return;
    usedAtMs.set(keyId, now);
    used(keyId, new Date(now).toISOString());
  };

  return {
    authenticate: async (text) => {
      const parts = parseKey(text);
      const known = parts && (await lookUp(parts.keyId));
      if (!known || !isInForce(known.key, nowMs())) return undefined;
      if (!isSecretOf(known.key.hash, parts.secret)) return undefined;
      noteUse(known.key);
      return known.principal;
    },
    forget: (keyId) => {
      cache.delete(keyId);
    },
  };
};

const isInForce = ({ revokedAt, expiresAt }: StoredKey, nowMs: number): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs);

const principalOf = (key: StoredKey): Principal => {
  const { keyId, name, roles, actions, channels, locations, ratePerSecond, expiresAt } = key;
  return {
    id: keyId,
    name,
    actions: actionsOf(roles, actions),
    ...(channels && { channels }),
    ...(locations && { locations }),
    ...(ratePerSecond !== null && { ratePerSecond }),
    ...(expiresAt !== null && { expiresAt }),
  };
};
