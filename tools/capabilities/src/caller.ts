import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Answer, Api, Method, Query } from '@throughline/cli';
import type { Made } from './made.js';

/** What a server answers, as far as a test looks at it. */
export type Json = ReturnType<typeof JSON.parse>;

export type Installation = { readonly url: string; readonly key: string; readonly api: Api };

const FILE_DEADLINE_MS = 60_000;

/** Sends requests to an installation, and keeps in mind which, and what they made. */
export class Caller {
  /** Method and path of all that was sent, without queries. */
  readonly sent = new Set<string>();

  constructor(
    readonly installation: Installation,
    private readonly made: Made,
  ) {}

  /** Refusals are answers. Each command goes out under a key of its own, unless one is given. */
  async send(method: Method, path: string, body?: object, key?: string): Promise<Answer<Json>> {
    this.#note(method, path);
    const once = method === 'GET' ? undefined : (key ?? randomUUID());
    const answer = await this.installation.api.send<Json>(method, path, body, once);
    if (answer.status < 300) this.made.note({ method, path, body, answered: answer.body });
    return answer;
  }

  /** One that must succeed; answers its body. */
  async ok(method: Method, path: string, body?: object, key?: string): Promise<Json> {
    const { status, body: answered } = await this.send(method, path, body, key);
    assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(answered)}`);
    return answered;
  }

  get(path: string): Promise<Json> {
    return this.ok('GET', path);
  }

  post(path: string, body: object = {}): Promise<Json> {
    return this.ok('POST', path, body);
  }

  put(path: string, body: object): Promise<Json> {
    return this.ok('PUT', path, body);
  }

  /** One that must be refused with this status; answers the problem. */
  async refused(status: number, method: Method, path: string, body?: object): Promise<Json> {
    const answer = await this.send(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Every item of a list, page by page. */
  async list(path: string, query: Query = {}): Promise<Json[]> {
    this.#note('GET', path);
    const items: Json[] = [];
    for await (const item of this.installation.api.list<Json>(path, query)) items.push(item);
    return items;
  }

  /** Sends a file of comma-separated values. */
  async upload(path: string, csv: string): Promise<Answer<Json>> {
    const response = await this.#raw('POST', path, csv);
    return { status: response.status, body: await response.json() };
  }

  /** What is no JSON. */
  async text(path: string): Promise<string> {
    const response = await this.#raw('GET', path);
    assert.equal(response.status, 200, `GET ${path}`);
    return response.text();
  }

  /** Notes that a command of the project was carried out. */
  carriedOut(command: string): void {
    this.sent.add(command);
  }

  #raw(method: Method, path: string, csv?: string): Promise<Response> {
    this.#note(method, path);
    const { url, key } = this.installation;
    return fetch(`${url.replace(/\/$/, '')}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(csv && { 'content-type': 'text/csv' }) },
      signal: AbortSignal.timeout(FILE_DEADLINE_MS),
      ...(csv && { body: csv }),
    });
  }

  #note(method: Method, path: string): void {
    this.sent.add(`${method} ${path.split('?')[0]}`);
  }
}
