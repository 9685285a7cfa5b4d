import type { Dice } from '../dice.js';
import { Known } from './known.js';
import type { Api, Operation } from './operations.js';
import { jsonOf, type Values } from './values.js';

/** A request that is still to be spoilt. */
export type Draft = {
  readonly operation: Operation;
  method: string;
  /** As they are sent, by the names of the parameters. */
  readonly path: Map<string, string>;
  readonly query: [name: string, value: string][];
  readonly headers: [name: string, value: string][];
  /** What the body will be made of; undefined where there is none. */
  body: unknown;
  /** The body as it is sent, where it is not just that in JSON. */
  bytes: Buffer | undefined;
  /** What was done to it. */
  readonly spoilt: string[];
};

/** Looking after a system is part of its API too, but not what most requests are about. */
const OPERATING_WEIGHT = 0.15;
const PARAMETER_SHARE = 0.3;
const ORDERS = '/v1/orders';

const isOperating = ({ needs }: Operation): boolean =>
  /^(operations|access|dead-letters):/.test(needs ?? '');

/** An order that can be carried out, of goods that are there. */
const orderOf = (dice: Dice, known: Known, index: number): object => {
  const quantity = dice.between(1, 3);
  const total = (quantity * 2.5).toFixed(2);
  return {
    channel: dice.one(['web', 'shop']),
    externalId: `fuzz-${index}`,
    placedAt: new Date().toISOString(),
    currency: 'GBP',
    customer: { id: 'c-1', personal: { name: 'Ada Lovelace', email: 'ada@example.com' } },
    shipTo: {
      personal: { name: 'Ada Lovelace', lines: ["12 St James's Square"] },
      ...{ city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
    },
    payments: [{ method: 'card', status: 'authorized', amount: total, reference: 'ch_1' }],
    lines: [{ lineId: '1', sku: known.one('sku', dice) ?? 'WIDE-1', quantity, unitPrice: '2.50' }],
    total,
  };
};

const csvOf = (dice: Dice, known: Known): Buffer => {
  const rows = Array.from({ length: dice.between(1, 4) }, () =>
    [
      known.one('sku', dice) ?? 'x',
      known.one('locationId', dice) ?? 'x',
      dice.between(1, 9),
    ].join(),
  );
  return Buffer.from(['sku,locationId,quantity', ...rows].join('\n'));
};

/** Draws requests as a well-meaning client sends them. */
export class Drafts {
  readonly #weighted: readonly (readonly [number, Operation])[];

  constructor(
    { operations }: Api,
    private readonly values: Values,
    private readonly known: Known,
  ) {
    this.#weighted = operations.map((one) => [isOperating(one) ? OPERATING_WEIGHT : 1, one]);
  }

  draw(dice: Dice, index: number): Draft {
    const operation = dice.weighted(this.#weighted)!;
    const { method, path, parameters, bodies } = operation;
    const text = ({ name, schema }: (typeof parameters)[number]): string =>
      String(this.values.usual(schema, dice, Known.fieldOf(path, name)));
    const draft: Draft = {
      operation,
      method,
      path: new Map(
        parameters
          .filter((one) => one.in === 'path')
          .map((one) => [one.name, encodeURIComponent(text(one))]),
      ),
      query: parameters
        .filter((one) => one.in === 'query' && (one.required || dice.is(PARAMETER_SHARE)))
        .map((one) => [one.name, encodeURIComponent(text(one))]),
      headers: [],
      body: undefined,
      bytes: undefined,
      spoilt: [],
    };
    const [[type, schema] = []] = Object.entries(bodies);
    if (type === undefined) return draft;
    draft.headers.push(['Content-Type', type]);
    if (type === 'text/csv') draft.bytes = csvOf(dice, this.known);
    else if (path === ORDERS && dice.is(0.7)) draft.body = orderOf(dice, this.known, index);
    else draft.body = this.values.usual(schema!, dice, '');
    return draft;
  }
}

const urlOf = ({ operation, path, query }: Draft): string => {
  const place = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => path.get(name) ?? 'x');
  return query.length === 0
    ? place
    : `${place}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
};

/** The bytes of a request, complete and in order as far as its parts are. */
export const bytesOf = (draft: Draft, authorization: string | undefined): Buffer => {
  const { method, headers, body } = draft;
  const bytes = draft.bytes ?? (body === undefined ? undefined : Buffer.from(jsonOf(body)));
  const named = (name: string): boolean =>
    headers.some(([other]) => other.toLowerCase() === name.toLowerCase());
  const lines = [
    `${method} ${urlOf(draft)} HTTP/1.1`,
    ...(named('Host') ? [] : ['Host: fuzz']),
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(bytes === undefined || named('Content-Length') || named('Transfer-Encoding')
      ? []
      : [`Content-Length: ${bytes.length}`]),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
};
