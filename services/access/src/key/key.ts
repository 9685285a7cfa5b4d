import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { derivedId } from '@throughline/kernel';

/** Random bytes of a secret, as the base64url text that callers send. */
const SECRET_BYTES = 32;
const KEY = /^tl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const KEY_ID = /^[0-9a-f]{16}$/;

export const isKeyId = (text: string): boolean => KEY_ID.test(text);

/** What a key's text says: which key it is, and the secret that proves it. */
export type KeyParts = { readonly keyId: string; readonly secret: string };

/** Reads `tl_<keyId>_<secret>`; undefined when the text has another shape. */
export const parseKey = (text: string): KeyParts | undefined => {
  const [, keyId, secret] = KEY.exec(text) ?? [];
  return keyId !== undefined && secret !== undefined ? { keyId, secret } : undefined;
};

export const keyText = ({ keyId, secret }: KeyParts): string => `tl_${keyId}_${secret}`;

/** The same cause always gives the same key id, so that a repeated request is recognised. */
export const keyIdOf = (causeId: string): string =>
  derivedId(causeId, 'key').replaceAll('-', '').slice(0, 16);

export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/**
 * What is stored of a secret. One round of SHA-256 is enough: slow hashes protect secrets that can be
 * guessed, and nobody guesses 256 random bits.
 */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compares in constant time, so that answers do not tell how much of a guess was right. */
export const isSecretOf = (hash: Buffer, secret: string): boolean =>
  timingSafeEqual(hash, hashOf(secret));
