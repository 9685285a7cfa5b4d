import { TransientError } from '@throughline/kernel';
import { authentication, KEY_CACHE_MS, LAST_USE_GRAIN_MS } from './authentication.js';
import { hashOf, keyIdOf, keyText, newSecret, parseKey } from './key.js';
import type { StoredKey } from './key-store.js';

const SECRET = 'A'.repeat(43);
const KEY_ID = '0123456789abcdef';
const TEXT = `tl_${KEY_ID}_${SECRET}`;
const HOLDER = { id: KEY_ID, name: 'shop', actions: new Set(['orders:write', 'orders:read']) };

const storedKey: StoredKey = {
  keyId: KEY_ID,
  name: 'shop',
  hash: hashOf(SECRET),
  roles: [],
  actions: ['orders:write', 'orders:read', 'moon:land'],
  channels: null,
  locations: null,
  ratePerSecond: null,
  expiresAt: null,
  lastUsedAt: null,
  createdAt: '2026-11-01T09:30:00.000Z',
  createdBy: { id: 'system', name: 'system' },
  revokedAt: null,
  revokedBy: null,
};

/** Keys as the database has them, how often it was asked, and a clock that the test turns. */
const world = () => {
  const state = {
    key: storedKey as StoredKey | undefined,
    asked: 0,
    nowMs: 1_000_000,
    away: false,
    used: [] as string[],
  };
  const find = async (keyId: string): Promise<StoredKey | undefined> => {
    state.asked += 1;
    if (state.away) throw new TransientError('away');
    return state.key?.keyId === keyId ? state.key : undefined;
  };
  const used = (keyId: string, at: string): void => {
    state.used.push(`${keyId} ${at}`);
  };
  return { state, ...authentication({ find, used, nowMs: () => state.nowMs }) };
};

describe('authentication', () => {
  it('tells who holds a key', async () => {
    const { authenticate } = world();
    expect(await authenticate(TEXT)).toEqual(HOLDER);
  });

  it.each([
    ['a wrong secret', `tl_${KEY_ID}_${'B'.repeat(43)}`],
    ['a key that nobody made', `tl_${'f'.repeat(16)}_${SECRET}`],
    ['no key at all', 'hello'],
    ['an empty text', ''],
    ['a short secret', `tl_${KEY_ID}_${'A'.repeat(42)}`],
    ['a long secret', `tl_${KEY_ID}_${'A'.repeat(44)}`],
    ['another prefix', `xx_${KEY_ID}_${SECRET}`],
    ['a line break behind the key', `${TEXT}\n`],
  ])('refuses %s', async (_, text) => {
    const { authenticate } = world();
    expect(await authenticate(text)).toBeUndefined();
  });

  it('does not ask the database about what is no key', async () => {
    const { authenticate, state } = world();
    await authenticate('hello');
    expect(state.asked).toBe(0);
  });

  it('refuses a revoked key', async () => {
    const { authenticate, state } = world();
    state.key = {
      ...storedKey,
      revokedAt: '2026-11-01T10:00:00.000Z',
      revokedBy: { id: 'a', name: 'ann' },
    };
    expect(await authenticate(TEXT)).toBeUndefined();
  });

  it('asks the database once for many requests, and again when the time is up', async () => {
    const { authenticate, state } = world();
    await Promise.all(Array.from({ length: 20 }, () => authenticate(TEXT)));
    state.nowMs += KEY_CACHE_MS - 1;
    await authenticate(TEXT);
    expect(state.asked).toBe(1);
    state.nowMs += 1;
    await authenticate(TEXT);
    expect(state.asked).toBe(2);
  });

  it('notices within that time that a key was revoked elsewhere', async () => {
    const { authenticate, state } = world();
    await authenticate(TEXT);
    state.key = {
      ...storedKey,
      revokedAt: '2026-11-01T10:00:00.000Z',
      revokedBy: { id: 'a', name: 'ann' },
    };
    state.nowMs += KEY_CACHE_MS - 1;
    expect(await authenticate(TEXT)).toEqual(HOLDER);
    state.nowMs += 1;
    expect(await authenticate(TEXT)).toBeUndefined();
  });

  it('notices at once that a key was revoked here', async () => {
    const { authenticate, forget, state } = world();
    await authenticate(TEXT);
    state.key = {
      ...storedKey,
      revokedAt: '2026-11-01T10:00:00.000Z',
      revokedBy: { id: 'a', name: 'ann' },
    };
    forget(KEY_ID);
    expect(await authenticate(TEXT)).toBeUndefined();
  });

  it('looks again when the clock was set back', async () => {
    const { authenticate, state } = world();
    await authenticate(TEXT);
    state.nowMs -= 3_600_000;
    await authenticate(TEXT);
    expect(state.asked).toBe(2);
  });

  it('tells to what a key is limited', async () => {
    const { authenticate, state } = world();
    const limits = { channels: ['web'], ratePerSecond: 5, expiresAt: '2026-11-02T00:00:00.000Z' };
    state.key = { ...storedKey, ...limits };
    expect(await authenticate(TEXT)).toEqual({ ...HOLDER, ...limits });
  });

  it('refuses a key from the moment on that it expires', async () => {
    const { authenticate, state } = world();
    state.key = { ...storedKey, expiresAt: new Date(state.nowMs + 2).toISOString() };
    state.nowMs += 1;
    expect(await authenticate(TEXT)).toBeDefined();
    state.nowMs += 1;
    expect(await authenticate(TEXT)).toBeUndefined();
  });

  it('notes now and then that a key is used, by its holder alone', async () => {
    const { authenticate, state } = world();
    await authenticate(`tl_${KEY_ID}_${'B'.repeat(43)}`);
    expect(state.used).toEqual([]);
    for (const waitMs of [0, LAST_USE_GRAIN_MS - 1, 1]) {
      state.nowMs += waitMs;
      await authenticate(TEXT);
    }
    const at = (ms: number) => `${KEY_ID} ${new Date(ms).toISOString()}`;
    expect(state.used).toEqual([at(1_000_000), at(1_000_000 + LAST_USE_GRAIN_MS)]);
  });

  it('keeps no failure', async () => {
    const { authenticate, state } = world();
    state.away = true;
    await expect(authenticate(TEXT)).rejects.toThrow(TransientError);
    state.away = false;
    expect(await authenticate(TEXT)).toEqual(HOLDER);
  });
});

describe('a key', () => {
  it('is read as it was written', () => {
    const parts = { keyId: keyIdOf('cause'), secret: newSecret() };
    expect(parseKey(keyText(parts))).toEqual(parts);
  });

  it('never has a secret twice', () => expect(newSecret()).not.toBe(newSecret()));
});
