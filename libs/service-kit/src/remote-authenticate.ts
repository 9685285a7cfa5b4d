import { createHash } from 'node:crypto';
import { TransientError } from '@throughline/kernel';
import { LRUCache } from 'lru-cache';
import type { Authenticate, Principal } from './access.js';
import { actionsOf } from './permissions.js';

/** Together with `access`'s own cache of 3 s: a revoked key stops working everywhere within 10 s. */
export const PRINCIPAL_FRESH_MS = 7_000;
/** For so long a key that was valid goes on working while `access` is away. */
export const PRINCIPAL_STALE_MS = 5 * 60_000;
/** For so long an invalid key is not asked about again. */
const REFUSAL_MS = 3_000;
/** While `access` is away, one question in this time tries whether it is back. */
const AWAY_MS = 1_000;
const DEADLINE_MS = 1_000;
const CACHED_MAX = 5_000;
/** Questions under way at a time; invented keys must not become a flood on `access`. */
const ASKED_MAX = 100;

/** A principal as `access` tells it to the other services. */
export type PrincipalAnswer = Omit<Principal, 'actions'> & { readonly actions: readonly string[] };

export const principalAnswer = (principal: Principal): PrincipalAnswer => ({
  ...principal,
  actions: [...principal.actions].sort(),
});

type Known = { readonly principal: Principal | undefined; readonly readAtMs: number };

export type RemoteAuthenticateOptions = {
  /** Where `access` is reached, for example `http://access:8080`. */
  readonly accessUrl: string;
  /** The current time in milliseconds. */
  readonly nowMs?: () => number;
  readonly fetch?: typeof fetch;
};

/**
 * Asks `access` who holds a key. Answers are kept, asked for once by however many requests, and outlive an
 * absence of `access`; a key that was never seen answers `TransientError` meanwhile.
 */
export const remoteAuthenticate = ({
  accessUrl,
  nowMs = Date.now,
  fetch: call = fetch,
}: RemoteAuthenticateOptions): Authenticate => {
  const known = new LRUCache<string, Known>({ max: CACHED_MAX });
  const asked = new Map<string, Promise<Known>>();
  let awayUntilMs = 0;

  const isYounger = (timeMs: number, { readAtMs }: Known): boolean => {
    const ageMs = nowMs() - readAtMs;
    // A clock that was set back must not keep a key alive.
    return ageMs >= 0 && ageMs < timeMs;
  };

  const ask = (bearer: string, key: string): Promise<Known> => {
    const underWay = asked.get(key);
    if (underWay) return underWay;
    if (nowMs() < awayUntilMs) return Promise.reject(new TransientError('access is away'));
    if (asked.size >= ASKED_MAX)
      return Promise.reject(new TransientError('Too many keys to look up'));
    const question = askAccess(call, accessUrl, bearer)
      .then((principal) => {
        const read = { principal, readAtMs: nowMs() };
        known.set(key, read);
        return read;
      })
      .catch((error: unknown) => {
        // Set once: those that were asked together must not push each other's next try away.
        if (error instanceof AccessAway && nowMs() >= awayUntilMs) awayUntilMs = nowMs() + AWAY_MS;
        throw error;
      })
      .finally(() => asked.delete(key));
    asked.set(key, question);
    return question;
  };

  return async (bearer) => {
    const key = createHash('sha256').update(bearer).digest('base64');
    const read = known.get(key);
    if (read && isYounger(read.principal ? PRINCIPAL_FRESH_MS : REFUSAL_MS, read))
      return inForce(read.principal, nowMs());
    try {
      return inForce((await ask(bearer, key)).principal, nowMs());
    } catch (error) {
      if (read?.principal && isYounger(PRINCIPAL_STALE_MS, read))
        return inForce(read.principal, nowMs());
      throw error;
    }
  };
};

/** No answer from `access`, as opposed to one that we can do nothing with. */
class AccessAway extends TransientError {}

const askAccess = async (
  call: typeof fetch,
  accessUrl: string,
  bearer: string,
): Promise<Principal | undefined> => {
  try {
    const answer = await call(new URL('/v1/access/principal', accessUrl), {
      headers: { authorization: `Bearer ${bearer}` },
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (answer.ok) return principalOf(await answer.json());
    await answer.body?.cancel();
    // Refusals are limited by the address of who asks for all: it is refused all the same.
    const isRefused = answer.headers.has('www-authenticate');
    if (answer.status === 401 || (answer.status === 429 && isRefused)) return undefined;
    if (answer.status === 429) throw new TransientError('access is asked too often');
    throw new AccessAway(`access answered ${answer.status}`);
  } catch (error) {
    if (error instanceof TransientError) throw error;
    throw new AccessAway('access does not answer', { cause: error });
  }
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Throws where the answer is not a principal: then nobody knows who asks. */
const principalOf = (answer: unknown): Principal => {
  const { id, name, actions, channels, locations, ratePerSecond, expiresAt } = (answer ??
    {}) as Partial<PrincipalAnswer>;
  const isPrincipal =
    typeof id === 'string' &&
    typeof name === 'string' &&
    isTexts(actions) &&
    (channels === undefined || isTexts(channels)) &&
    (locations === undefined || isTexts(locations));
  if (!isPrincipal) throw new Error('Not a principal');
  return {
    id,
    name,
    actions: actionsOf([], actions),
    ...(channels && { channels }),
    ...(locations && { locations }),
    ...(typeof ratePerSecond === 'number' && { ratePerSecond }),
    ...(typeof expiresAt === 'string' && { expiresAt }),
  };
};

const inForce = (principal: Principal | undefined, nowMs: number): Principal | undefined =>
  principal?.expiresAt !== undefined && Date.parse(principal.expiresAt) <= nowMs
    ? undefined
    : principal;
