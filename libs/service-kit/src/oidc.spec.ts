import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TransientError } from '@throughline/kernel';
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';
import type { Authenticate } from './access.js';
import { keysOrTokens, oidcAuthenticate } from './oidc.js';
import { actionsOf } from './permissions.js';

type Pair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };
const AUDIENCE = 'throughline';

let server: Server;
let issuer: string;
/** What the issuer publishes, by key id. */
let published: Record<string, Pair & { readonly alg: string }>;
let asked: string[];
let isAway: boolean;
let discovery: object;
let nowMs: number;
let authenticate: Authenticate;
let first: Pair;

beforeAll(async () => {
  server = createServer(async (request, reply) => {
    asked.push(request.url ?? '');
    if (isAway) return void request.destroy();
    const keys = Object.entries(published).map(async ([kid, { publicKey, alg }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg,
      use: 'sig',
    }));
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    reply.end(JSON.stringify(isDiscovery ? discovery : { keys: await Promise.all(keys) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  first = await generateKeyPair('RS256', { extractable: true });
});
afterAll(() => server.close().closeAllConnections());
beforeEach(() => {
  published = { one: { ...first, alg: 'RS256' } };
  discovery = { issuer, jwks_uri: `${issuer}/keys` };
  [asked, isAway, nowMs] = [[], false, Date.parse('2026-11-01T12:00:00Z')];
  authenticate = oidcAuthenticate({ issuer, audience: AUDIENCE, nowMs: () => nowMs });
});

type Wish = {
  readonly claims?: JWTPayload;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey | Uint8Array;
};
const seconds = (ms: number): number => Math.floor(ms / 1_000);

const token = ({ claims = {}, header = {}, key = first.privateKey }: Wish = {}): Promise<string> =>
  new SignJWT({
    iss: issuer,
    aud: AUDIENCE,
    sub: 'u-1',
    preferred_username: 'ann',
    iat: seconds(nowMs),
    exp: seconds(nowMs) + 300,
    roles: ['operator'],
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
    .sign(key);

describe('a token of the identity provider', () => {
  it('tells who its holder is and what its roles allow', async () => {
    expect(await authenticate(await token())).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'ann',
      actions: actionsOf(['operator']),
    });
  });

  it.each([
    ['realm_access.roles', { roles: undefined, realm_access: { roles: ['finance'] } }, ['finance']],
    ['both', { realm_access: { roles: ['finance'] } }, ['operator', 'finance']],
    ['a single role', { roles: 'viewer' }, ['viewer']],
    ['no role that we know', { roles: ['king', 7, null] }, []],
    ['no roles', { roles: undefined, realm_access: null }, []],
  ] as const)('has its roles from %s', async (_, claims, roles) => {
    const principal = await authenticate(await token({ claims: claims as unknown as JWTPayload }));
    expect(principal?.actions).toEqual(actionsOf(roles));
  });

  it('has its roles from another claim where that is set', async () => {
    const other = oidcAuthenticate({
      issuer,
      audience: AUDIENCE,
      rolesClaim: 'groups',
      nowMs: () => nowMs,
    });
    const principal = await other(await token({ claims: { groups: ['admin'] } }));
    expect(principal?.actions).toEqual(actionsOf(['admin']));
  });

  it.each([
    ['channels', { channels: ['web', 'app'] }, { channels: ['web', 'app'] }],
    ['locations', { locations: 'leeds' }, { locations: ['leeds'] }],
    [
      'both',
      { channels: 'web', locations: ['leeds'] },
      { channels: ['web'], locations: ['leeds'] },
    ],
    ['nothing at all, where no value can be read', { locations: [7, {}] }, { locations: [] }],
    ['nothing at all, where none is listed', { channels: [] }, { channels: [] }],
    ['everything, where it does not say', { channels: null }, {}],
  ] as const)('is limited to %s', async (_, claims, limits) => {
    const { channels, locations } = (await authenticate(
      await token({ claims: claims as unknown as JWTPayload }),
    ))!;
    expect({ ...(channels && { channels }), ...(locations && { locations }) }).toEqual(limits);
  });

  it('has its limits from other claims where these are set', async () => {
    const other = oidcAuthenticate({
      issuer,
      audience: AUDIENCE,
      channelsClaim: 'shops',
      locationsClaim: 'stores',
      nowMs: () => nowMs,
    });
    const claims = { shops: ['web'], stores: ['leeds'], channels: ['app'], locations: ['york'] };
    expect(await other(await token({ claims }))).toMatchObject({
      channels: ['web'],
      locations: ['leeds'],
    });
  });

  it('is the same holder under another name, and another one elsewhere', async () => {
    const idOf = async (claims: JWTPayload) => (await authenticate(await token({ claims })))?.id;
    expect(await idOf({ preferred_username: 'anna' })).toBe(await idOf({}));
    expect(await idOf({ sub: 'u-2' })).not.toBe(await idOf({}));
  });

  it.each([
    ['ES256', { crv: 'P-256' }],
    ['EdDSA', { crv: 'Ed25519' }],
  ])('may be signed with %s', async (alg, options) => {
    const pair = await generateKeyPair(alg, options);
    published = { other: { ...pair, alg } };
    const signed = await token({ header: { alg, kid: 'other' }, key: pair.privateKey });
    expect(await authenticate(signed)).toMatchObject({ name: 'ann' });
  });

  it.each(['RS512', 'PS256', 'ES384'])('may not be signed with %s', async (alg) => {
    const pair = await generateKeyPair(alg);
    published = { other: { ...pair, alg } };
    const signed = await token({ header: { alg, kid: 'other' }, key: pair.privateKey });
    expect(await authenticate(signed)).toBeUndefined();
  });

  it('is accepted when several audiences are named, ours among them', async () => {
    expect(await authenticate(await token({ claims: { aud: ['else', AUDIENCE] } }))).toBeDefined();
  });

  it.each([
    ['expired', () => ({ exp: seconds(nowMs) - 6 })],
    ['not valid yet', () => ({ nbf: seconds(nowMs) + 6 })],
    ['without an end', () => ({ exp: undefined })],
    ['without a subject', () => ({ sub: undefined })],
    ['for somebody else', () => ({ aud: 'else' })],
    ['for nobody', () => ({ aud: undefined })],
    ['of another issuer', () => ({ iss: 'https://else.example' })],
    ['of no issuer', () => ({ iss: undefined })],
  ])('that is %s is refused', async (_, claims) =>
    expect(await authenticate(await token({ claims: claims() }))).toBeUndefined(),
  );

  it('whose content was changed is refused', async () => {
    const [header, , signature] = (await token()).split('.');
    const claims = {
      iss: issuer,
      aud: AUDIENCE,
      sub: 'u-1',
      exp: seconds(nowMs) + 300,
      roles: ['admin'],
    };
    const payload = base64url.encode(JSON.stringify(claims));
    expect(await authenticate(`${header}.${payload}.${signature}`)).toBeUndefined();
  });
});

describe('a forged token', () => {
  it('that is not signed is refused', async () => {
    const part = (content: object) => base64url.encode(JSON.stringify(content));
    const [, payload] = (await token()).split('.');
    for (const alg of ['none', 'None', undefined])
      for (const signature of ['', 'x'])
        expect(
          await authenticate(`${part({ alg, kid: 'one' })}.${payload}.${signature}`),
        ).toBeUndefined();
  });

  it('that takes the public key for a shared secret is refused', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(first.publicKey));
    for (const alg of ['HS256', 'HS384', 'HS512'])
      expect(await authenticate(await token({ header: { alg }, key: secret }))).toBeUndefined();
  });

  it('that brings its own key, or an address of it, is refused and the address not asked', async () => {
    const own = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(own.publicKey);
    for (const header of [
      { jku: `${issuer}/foreign` },
      { jwk },
      { x5u: `${issuer}/foreign` },
      { kid: 'two', jwk },
    ])
      expect(await authenticate(await token({ header, key: own.privateKey }))).toBeUndefined();
    expect(asked).not.toContain('/foreign');
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c', 'a.b.c.d', `${'a'.repeat(20_000)}.b.c`])(
    'that is none is refused',
    async (text) => expect(await authenticate(text)).toBeUndefined(),
  );
});

describe("the issuer's keys", () => {
  it('are asked for once', async () => {
    const signed = await token();
    await Promise.all(Array.from({ length: 10 }, () => authenticate(signed)));
    await authenticate(signed);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('are read again when a token names a new one, but not for every invention', async () => {
    await authenticate(await token());
    const next = await generateKeyPair('RS256');
    published = { two: { ...next, alg: 'RS256' } };
    const rotated = await token({ header: { kid: 'two' }, key: next.privateKey });
    expect(await authenticate(rotated)).toBeUndefined();
    nowMs += 10_000;
    expect(await authenticate(rotated)).toMatchObject({ name: 'ann' });
    // The key that was taken back is worth nothing any more.
    expect(await authenticate(await token())).toBeUndefined();
    const before = asked.length;
    for (let tries = 0; tries < 5; tries += 1)
      expect(await authenticate(await token({ header: { kid: 'x' } }))).toBeUndefined();
    expect(asked.length).toBe(before);
  });

  it('that are known go on working for an hour while the issuer is away', async () => {
    await authenticate(await token());
    isAway = true;
    nowMs += 59 * 60_000;
    expect(await authenticate(await token())).toBeDefined();
    nowMs += 60_000;
    await expect(authenticate(await token())).rejects.toThrow(TransientError);
  });

  it('that cannot be had make a token wait', async () => {
    isAway = true;
    await expect(authenticate(await token())).rejects.toThrow(TransientError);
    isAway = false;
    expect(await authenticate(await token())).toBeDefined();
  });

  it('are not taken from an issuer that calls itself otherwise', async () => {
    discovery = { issuer: 'https://else.example', jwks_uri: `${issuer}/keys` };
    await expect(authenticate(await token())).rejects.toThrow(TransientError);
    expect(asked).not.toContain('/keys');
  });
});

it('keys and tokens are told apart by their shape', async () => {
  const either = keysOrTokens(
    async (name) => ({ id: 'key', name, actions: actionsOf([]) }),
    async (name) => ({ id: 'token', name, actions: actionsOf([]) }),
  );
  expect((await either('tl_0123456789abcdef_x'))?.id).toBe('key');
  expect((await either(await token()))?.id).toBe('token');
  expect((await either('eyJhbGciOiJub25lIn0.e30.'))?.id).toBe('token');
});
