import { Pool } from 'undici';
import { patience, type Attempt, type Patience, type PatienceOptions } from './patience.js';

/** The server does not accept this key (401, 403). */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

/** The server is there, and fails: trying again would not help. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
}

export type Problem = {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { field: string; code: string; message: string }[];
};

export type Answer<Body = unknown> = { readonly status: number; readonly body: Body };
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor?: string | null };
export type Query = Readonly<Record<string, string | number | undefined>>;
export type Method = 'DELETE' | 'GET' | 'POST' | 'PUT';

export type Api = {
  /** Sends until the server answers; refusals (4xx) are answers. Repeats carry the same body and key. */
  send<Body>(method: Method, path: string, body?: unknown, key?: string): Promise<Answer<Body>>;
  /** Every item of a list, page by page. */
  list<Item>(path: string, query?: Query): AsyncGenerator<Item, void, undefined>;
  /** The same back-off for work that succeeds piece by piece. */
  readonly persist: Patience;
  close(): Promise<void>;
};

export type ApiOptions = Partial<PatienceOptions> & {
  readonly url: string;
  readonly key: string;
  readonly connections: number;
  /** Deadline of one request, in milliseconds. */
  readonly deadlineMs?: number;
};

export const PAGE_MAX = 200;
/** Asks for a list that comes in one piece, and therefore takes no limit. */
export const IN_ONE_PIECE: Query = { limit: undefined };
const DEADLINE_MS = 30_000;
const CONNECT_DEADLINE_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;
const PATIENCE: PatienceOptions = {
  patienceMs: 10 * 60_000,
  firstPauseMs: 100,
  longestPauseMs: 5_000,
};
const RETRY_AFTER_MAX_MS = 30_000;
const FAULTS_MAX = 5;

const AGAIN = new Set([429, 502, 503, 504]);
const KEY_STATUSES = new Set([401, 403]);

const retryAfterMs = (header: string | string[] | undefined): number => {
  const seconds = Number(header);
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, RETRY_AFTER_MAX_MS) : 0;
};

const bodyOf = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { title: text.slice(0, 200) };
  }
};

const troubleOf = (error: unknown): string => {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError') return 'no answer in time';
  return code ?? message ?? String(error);
};

type Request = {
  readonly method: Method;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/** Sends a request once, with a deadline; an answer that asks for another try is trouble. */
const attemptOn =
  (pool: Pool, deadlineMs: number) =>
  async (request: Request): Promise<Attempt<Answer>> => {
    try {
      const response = await pool.request({ ...request, signal: AbortSignal.timeout(deadlineMs) });
      const answer = { status: response.statusCode, body: bodyOf(await response.body.text()) };
      if (!AGAIN.has(answer.status)) return { value: answer };
      const waitMs = retryAfterMs(response.headers['retry-after']);
      return { trouble: `the server answers ${answer.status}`, waitMs };
    } catch (error) {
      return { trouble: troubleOf(error) };
    }
  };

async function* pagesOf<Item>(send: Api['send'], path: string, query: Query): AsyncGenerator<Item> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ limit: PAGE_MAX, ...query }))
    if (value !== undefined) search.set(name, String(value));
  for (;;) {
    const { status, body } = await send<Page<Item> & Problem>('GET', `${path}?${search}`);
    if (status !== 200)
      throw new ServerFault(`GET ${path}: ${status} ${body?.detail ?? body?.title ?? ''}`);
    yield* body.items;
    if (!body.nextCursor) return;
    search.set('cursor', body.nextCursor);
  }
}

/**
 * A client of one server with keep-alive connections and a deadline on every request. An unknown outcome
 * (connection lost, no answer in time) and 429, 502, 503 and 504 are tried again for `patienceMs`;
 * that is safe because the same ids go out each time. Throws `ServerAway`, `KeyRefused`, `ServerFault`.
 */
export const connect = (options: ApiOptions): Api => {
  const { url, key, connections, deadlineMs = DEADLINE_MS } = options;
  const base = new URL(url);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: Math.min(CONNECT_DEADLINE_MS, deadlineMs) },
  });
  const attempt = attemptOn(pool, deadlineMs);
  const persist = patience({ ...PATIENCE, ...options });

  const send: Api['send'] = async <Body>(
    method: Method,
    path: string,
    content?: unknown,
    idempotencyKey?: string,
  ) => {
    const body = content === undefined ? null : JSON.stringify(content);
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== null && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    let faults = 0;
    return persist<Answer<Body>>(async () => {
      const outcome = await attempt({ method, path: prefix + path, headers, body });
      if ('trouble' in outcome) return outcome;
      const { status, body: answered } = outcome.value;
      if (KEY_STATUSES.has(status)) throw new KeyRefused(`${url} does not accept this key`);
      if (status < 500) return { value: outcome.value as Answer<Body> };
      // A server that is being stopped may fail in many ways; one that fails again and again is broken.
      faults += 1;
      if (faults >= FAULTS_MAX)
        throw new ServerFault(`${method} ${path}: ${status} ${(answered as Problem)?.title ?? ''}`);
      return { trouble: `the server answers ${status}` };
    });
  };

  return {
    send,
    list: (path, query = {}) => pagesOf(send, path, query),
    persist,
    close: () => pool.close(),
  };
};
