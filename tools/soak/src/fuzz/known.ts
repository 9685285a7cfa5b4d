import type { Client } from '../client.js';
import type { Dice } from '../dice.js';
import type { Api } from './operations.js';

/** So many of each kind are remembered. */
const REMEMBERED_MAX = 400;
/** `/v1/supplies/{id}` -> `supplyId`. */
const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/s$/, '');
const ID = /^(sku|channel|externalId|group|cursor|\w+Id)$/;

type Json = ReturnType<typeof JSON.parse>;

/** Ids that the system has answered, by the names of their fields: requests with them go deeper than with others. */
export class Known {
  readonly #ids = new Map<string, Set<string>>();

  /** Keys that the run itself works with must not be revoked by it. */
  constructor(private readonly spared: ReadonlySet<string>) {}

  /** Notes all ids of an answer. */
  learn(answer: Json): void {
    if (Array.isArray(answer)) for (const one of answer) this.learn(one);
    else if (answer !== null && typeof answer === 'object')
      for (const [name, value] of Object.entries(answer)) {
        if (ID.test(name) && typeof value === 'string') this.#add(name, value);
        else this.learn(value);
      }
  }

  #add(name: string, id: string): void {
    const ids = this.#ids.get(name) ?? new Set();
    if (ids.size < REMEMBERED_MAX && !this.spared.has(id)) ids.add(id);
    this.#ids.set(name, ids);
  }

  /** One of the ids that a field of this name may have. */
  one(name: string, dice: Dice): string | undefined {
    const ids = [...(this.#ids.get(name) ?? [])];
    return ids.length === 0 ? undefined : dice.one(ids);
  }

  /** The name of the field that a parameter of a path stands for: `{id}` of `/v1/orders/{id}` is an `orderId`. */
  static fieldOf(path: string, parameter: string): string {
    if (parameter !== 'id') return parameter;
    const before = path.slice(0, path.indexOf('{id}')).split('/').at(-2) ?? '';
    return `${singular(before)}Id`;
  }

  /** Reads a page of every list; what a check finds is none. */
  async look(client: Client, { operations }: Api): Promise<void> {
    const lists = operations.filter(
      ({ method, path, parameters }) =>
        method === 'GET' &&
        !/\{|\/consistency$/.test(path) &&
        parameters.some(({ name }) => name === 'cursor'),
    );
    for (const { path } of lists) {
      const { status, body } = await client.send<Json>('GET', `${path}?limit=100`);
      if (status === 200) this.learn(body);
    }
  }
}
