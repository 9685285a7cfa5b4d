import { keyOf, URL_DEFAULT, UsageError, type ServerOptions } from '../config.js';
import { connect, type Api } from './api.js';
import { ServerAway } from './patience.js';

const START_PATIENCE_MS = 15_000;
const PORT_DEFAULT = new URL(URL_DEFAULT).port;
const PROBE = '/v1/orders?limit=1';

/** How to start a server that would be found at this address; nothing for one of another machine. */
const startOf = (url: string): string => {
  const { hostname, port } = new URL(url);
  if (hostname !== 'localhost' && hostname !== '127.0.0.1') return '';
  return `start one with npm start${port === PORT_DEFAULT ? '' : ` -- --port ${port || 80}`}, `;
};

/**
 * Connects to a server that must be there and accept the key before any work starts. Later outages are
 * waited for, for `patienceMs`; `onTrouble` hears of them. Throws `UsageError` and `KeyRefused` in words for a person.
 */
export const openSession = async (
  server: ServerOptions & { readonly connections: number },
  onTrouble?: (trouble: string, sinceMs: number) => void,
  patienceMs?: number,
): Promise<Api> => {
  const { url, connections } = server;
  const key = keyOf(server);
  const probe = connect({ url, key, connections: 1, patienceMs: START_PATIENCE_MS });
  try {
    const { status } = await probe.send('GET', PROBE);
    if (status !== 200)
      throw new UsageError(`${url} answers ${status} on ${PROBE}: is this a Throughline server?`);
  } catch (error) {
    if (!(error instanceof ServerAway)) throw error;
    throw new UsageError(
      `No server answers at ${url} (${error.message}): ${startOf(url)}or name another one with --url`,
    );
  } finally {
    await probe.close();
  }
  return connect({
    url,
    key,
    connections,
    ...(onTrouble && { onTrouble }),
    ...(patienceMs !== undefined && { patienceMs }),
  });
};
