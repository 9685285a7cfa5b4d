import { derivedId, TransientError } from '@throughline/kernel';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Authenticate, Principal } from './access.js';
import { issuerKeys, type IssuerKeysOptions } from './issuer-keys.js';
import { actionsOf } from './permissions.js';

/** Asymmetric only: with a shared secret whoever can verify a token could make one. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** How far the issuer's clock may differ from ours, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;
const TOKEN_MAX = 16_384;
const NAME_MAX = 100;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/;
const STORABLE = /^[^\p{Cc}\p{Cs}]+$/u;

export type OidcOptions = IssuerKeysOptions & {
  /** What tokens for Throughline name in `aud`. */
  readonly audience: string;
  /** The claim that lists the holder's roles; `realm_access.roles` counts too. */
  readonly rolesClaim?: string;
  /** The claims that limit the holder to channels and to locations; a token without one is not limited by it. */
  readonly channelsClaim?: string;
  readonly locationsClaim?: string;
};

/**
 * Tells who holds a JSON Web Token of an OpenID Connect provider (RFC 7519, RFC 8725): signed with one of the
 * keys that the issuer publishes, for this audience, within its time. Roles that we do not know allow nothing.
 */
export const oidcAuthenticate = (options: OidcOptions): Authenticate => {
  const keys = issuerKeys(options);
  const { issuer, audience, nowMs = Date.now } = options;
  return async (token) => {
    if (token.length > TOKEN_MAX) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(nowMs()),
      });
      return principalOf(options, payload);
    } catch (error) {
      // What the token's fault is, is a refusal; anything else is not known now.
      if (error instanceof errors.JOSEError) return undefined;
      if (error instanceof TransientError) throw error;
      throw new TransientError('The token cannot be checked now', { cause: error });
    }
  };
};

/** Tokens go to the identity provider's keys, everything else to our own. */
export const keysOrTokens =
  (keys: Authenticate, tokens: Authenticate): Authenticate =>
  (bearer) =>
    JWT.test(bearer) ? tokens(bearer) : keys(bearer);

const principalOf = (
  {
    issuer,
    rolesClaim = 'roles',
    channelsClaim = 'channels',
    locationsClaim = 'locations',
  }: OidcOptions,
  payload: JWTPayload,
): Principal | undefined => {
  const { sub, preferred_username: username } = payload;
  if (typeof sub !== 'string' || sub === '') return undefined;
  const realm = payload.realm_access as { readonly roles?: unknown } | null | undefined;
  const channels = limitOf(payload[channelsClaim]);
  const locations = limitOf(payload[locationsClaim]);
  const name = typeof username === 'string' && STORABLE.test(username) ? username : sub;
  return {
    id: derivedId('oidc', issuer, sub),
    name: (STORABLE.test(name) ? name : derivedId('oidc', issuer, sub)).slice(0, NAME_MAX),
    actions: actionsOf([...texts(payload[rolesClaim]), ...texts(realm?.roles)]),
    ...(channels && { channels }),
    ...(locations && { locations }),
  };
};

/** A claim that is there limits its holder, also where it lists nothing that can be read. */
const limitOf = (claim: unknown): readonly string[] | undefined =>
  claim === undefined || claim === null ? undefined : texts(claim);

const texts = (claim: unknown): readonly string[] =>
  [claim].flat().filter((one): one is string => typeof one === 'string');
