import { TransientError } from '@throughline/kernel';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Keys are read again after this time; until then those known go on working without the issuer. */
const FRESH_MS = 10 * 60_000;
/** For so long known keys are trusted while the issuer is away. */
const STALE_MS = 60 * 60_000;
/** A key that we do not know makes us look again, but no oftener than this. */
const COOLDOWN_MS = 10_000;
const DEADLINE_MS = 2_000;

export type IssuerKeysOptions = {
  /** The identity provider, as its tokens name it in `iss`. */
  readonly issuer: string;
  /** The current time in milliseconds. */
  readonly nowMs?: () => number;
};

type Keys = { readonly find: JWTVerifyGetKey; readonly readAtMs: number };

/**
 * The signing keys of an OpenID Connect issuer, found through its discovery document. A token's own `jku`,
 * `jwk` or `x5u` is never looked at. Throws `TransientError` when the issuer is away and its keys are not known.
 */
export const issuerKeys = ({ issuer, nowMs = Date.now }: IssuerKeysOptions): JWTVerifyGetKey => {
  let keys: Keys | undefined;
  let reading: Promise<Keys> | undefined;
  let triedAtMs = -Infinity;

  const read = (): Promise<Keys> => {
    reading ??= readKeys(issuer)
      .then((set) => (keys = { find: createLocalJWKSet(set), readAtMs: nowMs() }))
      .finally(() => (reading = undefined));
    triedAtMs = nowMs();
    return reading;
  };

  const isYounger = (timeMs: number, sinceMs: number): boolean => {
    const ageMs = nowMs() - sinceMs;
    return ageMs >= 0 && ageMs < timeMs;
  };

  const current = async (): Promise<Keys> => {
    if (keys && isYounger(FRESH_MS, keys.readAtMs)) return keys;
    const known = keys && isYounger(STALE_MS, keys.readAtMs) ? keys : undefined;
    if (known && isYounger(COOLDOWN_MS, triedAtMs)) return known;
    return read().catch((error: unknown) => {
      if (known) return known;
      throw error;
    });
  };

  return async (header, token) => {
    const known = await current();
    try {
      return await known.find(header, token);
    } catch (error) {
      const mayBeNew =
        error instanceof errors.JWKSNoMatchingKey && !isYounger(COOLDOWN_MS, triedAtMs);
      if (!mayBeNew) throw error;
      return (await read()).find(header, token);
    }
  };
};

const readKeys = async (issuer: string): Promise<JSONWebKeySet> => {
  try {
    const discovery = (await readJson(
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (discovery.issuer !== issuer) throw new Error(`It names itself ${String(discovery.issuer)}`);
    const address = new URL(String(discovery.jwks_uri));
    // An issuer that is reached safely must not send us to where its keys can be exchanged on the way.
    if (address.protocol !== 'https:' && new URL(issuer).protocol === 'https:')
      throw new Error('Its keys are not served over https');
    const set = (await readJson(address.href)) as JSONWebKeySet;
    createLocalJWKSet(set);
    return set;
  } catch (error) {
    throw new TransientError(`The keys of ${issuer} could not be read`, { cause: error });
  }
};

const readJson = async (address: string): Promise<unknown> => {
  const answer = await fetch(address, {
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
    headers: { accept: 'application/json' },
  });
  if (answer.ok) return answer.json();
  await answer.body?.cancel();
  throw new Error(`${address} answered ${answer.status}`);
};
