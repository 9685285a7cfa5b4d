import { StartError, TransientError } from '@throughline/kernel';
import pg from 'pg';
import { asTransient, CONNECT_TIMEOUT_MS } from './database.js';

/** SQLSTATEs of a server that answers and refuses: who asks, and what for. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'this user may not log in',
  '3D000': 'there is no such database',
};

/**
 * Opens one connection and closes it again. Throws in words that name the environment variable which holds the address,
 * and never the password: `TransientError` where the server is away, `StartError` where the address has to be changed.
 */
export const reachDatabase = async (variable: string, url: string): Promise<void> => {
  const { host, port, database } = addressOf(variable, url);
  const where = `${variable}: ${database} at ${host}:${port}`;
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    const { code = '', message } = error as Error & { readonly code?: string };
    if (asTransient(error) instanceof TransientError)
      throw new TransientError(`${where} does not answer (${code || message})`, { cause: error });
    throw new StartError(`${where}: ${REFUSALS[code] ?? message}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
};

type Address = { readonly host: string; readonly port: number; readonly database: string };

const addressOf = (variable: string, url: string): Address => {
  const isAddress = URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol);
  if (!isAddress)
    throw new StartError(
      `${variable} must be an address such as postgres://user:password@host:5432/database`,
    );
  const { host, port, database = '' } = new pg.Client({ connectionString: url });
  return { host, port, database };
};
