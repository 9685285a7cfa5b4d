import { isIP } from 'node:net';

/** Whose word for the address of a caller is taken where nothing is said: a proxy on this machine. */
export const TRUSTED_PROXIES_DEFAULT: readonly string[] = ['loopback'];

const WORDS: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
};

/**
 * Reads `TRUSTED_PROXIES`: addresses and networks (`10.1.2.3`, `10.1.0.0/16`, `loopback`) separated by commas, or `none`.
 * Answers the entry that is neither where one is wrong.
 */
export const trustedProxies = (
  text: string | undefined,
): { readonly proxies: readonly string[] } | { readonly wrong: string } => {
  if (text === undefined || text.trim() === '') return { proxies: TRUSTED_PROXIES_DEFAULT };
  if (text.trim() === 'none') return { proxies: [] };
  const proxies = text.split(',').map((one) => one.trim());
  const wrong = proxies.find((one) => !WORDS.includes(one) && !isNetwork(one));
  return wrong === undefined ? { proxies } : { wrong };
};
