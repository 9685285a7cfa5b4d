import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

const CONNECTIONS = 48;
const DEADLINE_MS = 8_000;
const PAUSE_MS = 250;
const PATIENCE_MS = 180_000;
const FAULTS_MAX = 4;
const PAGE = 200;

export type Method = 'DELETE' | 'GET' | 'POST' | 'PUT';
export type Answer<Body = unknown> = { readonly status: number; readonly body: Body };

/** One request and what was said to it; `tries` counts those of which nothing is known too. */
export type Exchange = {
  readonly at: string;
  readonly method: Method;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly told: unknown;
  readonly tries: number;
};

export type Target = { readonly origin: string; readonly key: string };

/** The system did not come back, or failed again and again. */
export class SystemAway extends Error {}

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
};

/**
 * Speaks HTTP to a system that may be killed at any moment. A request of which nothing is known is
 * sent again, the same under the same key, until there is an answer.
 */
export class Client {
  readonly #pool: Pool;
  /** Answers with 500: each is a fault, whatever was asked. */
  readonly faults: Exchange[] = [];

  constructor(private readonly target: Target) {
    this.#pool = new Pool(target.origin, { connections: CONNECTIONS, pipelining: 1 });
  }

  async send<Body>(
    method: Method,
    path: string,
    sent?: unknown,
    key?: string,
    log?: Exchange[],
  ): Promise<Answer<Body>> {
    const startedAt = performance.now();
    const at = new Date().toISOString();
    let faults = 0;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#attempt(method, path, sent, key);
      if (answer && answer.status < 500 && answer.status !== 429) {
        const { status, body } = answer;
        log?.push({ at, method, path, sent: sent ?? null, status, told: body, tries });
        return answer as Answer<Body>;
      }
      if (answer && answer.status !== 503 && answer.status < 502 && answer.status !== 429) {
        faults += 1;
        const { status, body } = answer;
        const fault = { at, method, path, sent: sent ?? null, status, told: body, tries };
        this.faults.push(fault);
        log?.push(fault);
        if (faults === FAULTS_MAX) return answer as Answer<Body>;
      }
      if (performance.now() - startedAt > PATIENCE_MS)
        throw new SystemAway(`${method} ${path}: no answer for ${PATIENCE_MS / 1000} s`);
      await delay(PAUSE_MS);
    }
  }

  async get<Body>(path: string): Promise<Body | undefined> {
    const { status, body } = await this.send<Body>('GET', path);
    return status === 200 ? body : undefined;
  }

  /** Every item of a list, page by page. */
  async list<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const joined: string = path.includes('?') ? '&' : '?';
      const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: Answer<{ items: Item[]; nextCursor: string | null }> = await this.send(
        'GET',
        `${path}${joined}limit=${PAGE}${more}`,
      );
      if (page.status !== 200) throw new Error(`GET ${path}: ${page.status}`);
      items.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    return items;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Undefined where nothing is known of what became of it. */
  async #attempt(
    method: Method,
    path: string,
    sent: unknown,
    key: string | undefined,
  ): Promise<Answer | undefined> {
    try {
      const response = await this.#pool.request({
        method,
        path,
        body: sent === undefined ? null : JSON.stringify(sent),
        headers: {
          authorization: `Bearer ${this.target.key}`,
          ...(sent !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      return { status: response.statusCode, body: parsed(await response.body.text()) };
    } catch {
      return undefined;
    }
  }
}
