import type { Dice } from '../dice.js';
import type { Draft } from './draft.js';
import type { Schema } from './operations.js';
import { jsonOf, type Values } from './values.js';

type Mutate = (draft: Draft, dice: Dice, values: Values) => void;
type Place = { readonly holder: Record<string, unknown>; readonly name: string };

const PLACES_MAX = 500;
/** Just below what a body may have. */
const JUNK_BYTES = 1_900_000;
/** More than any body may have; to make more of them takes the time of other requests. */
const BODY_BYTES_MAX = 4_000_000;

/** Every member of a body, at whatever depth. */
const placesIn = (value: unknown, found: Place[] = []): Place[] => {
  if (value === null || typeof value !== 'object' || found.length > PLACES_MAX) return found;
  for (const [name, member] of Object.entries(value)) {
    found.push({ holder: value as Record<string, unknown>, name });
    placesIn(member, found);
  }
  return found;
};

/** Of a member whose own schema is not asked for. */
const ANY: Schema = {};

const inBody =
  (change: (place: Place, dice: Dice, values: Values) => void): Mutate =>
  (draft, dice, values) => {
    const places = placesIn(draft.body);
    if (places.length === 0) draft.body = values.odd(ANY, dice);
    else change(dice.one(places), dice, values);
  };

const oddParameter = (dice: Dice, values: Values): string => {
  const text = String(values.odd(ANY, dice));
  return dice.one([
    () => encodeURIComponent(text.toWellFormed()),
    () => dice.one(['%', '%zz', '%00', '%ff', '%ed%a0%80', '%2F', '..', '.', '', '%20', '+', ';']),
    () => 'x'.repeat(dice.one([99, 100, 101, 300, 4_000])),
    () => dice.one(['\u00e9', '"', '<', '{', '|', '\\', '^']),
  ])();
};

const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Idempotency-Key', ['', 'k', 'k1', 'k2', 'x'.repeat(200), 'x'.repeat(201), '\u00ff', '{}']],
  [
    'Consistency-Token',
    ['order-capture:1', 'inventory:99999999', 'order-capture:-1', ':', 'x', '__proto__:1'],
  ],
  ['Last-Event-ID', ['0', '-1', '9'.repeat(19), 'x', '1e400']],
  ['traceparent', ['x', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0']],
  ['Content-Type', ['text/plain', 'application/xml', '', '?', 'application/json; charset=utf-16']],
  ['Content-Type', ['multipart/form-data; boundary=x', 'text/csv', 'application/json;', 'a/b/c']],
  ['Content-Encoding', ['gzip', 'br', 'identity', 'x']],
  ['Accept', ['text/html', 'application/xml;q=0', '*/*', '']],
  ['Accept-Encoding', ['gzip', 'br;q=1.0, *;q=0']],
  ['If-None-Match', ['*', '"x"']],
  ['Range', ['bytes=0-0', 'bytes=9-1', 'x']],
  ['X-Forwarded-For', ['127.0.0.1', 'x', '::1, 203.0.113.9', ',', '1'.repeat(5_000)]],
  ['X-HTTP-Method-Override', ['DELETE']],
  ['Host', ['', 'x:y', 'a b']],
  ['Cookie', ['x'.repeat(8_000)]],
  ['Expect', ['100-continue', 'x']],
  ['Upgrade', ['websocket', 'h2c']],
];
/** Headers by which a request ends elsewhere than where its sender ends it. */
const FRAMING: typeof HEADERS = [
  ['Connection', ['close', 'keep-alive', 'Upgrade', 'x']],
  ['Transfer-Encoding', ['gzip', 'identity', 'chunked, gzip', 'x']],
  ['Content-Length', ['-1', '1e1', '0x10', '99999999999999999999', '']],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const NO_METHODS = ['get', 'FOO', 'G T', '', 'POST\u0000', 'X'.repeat(100), 'QUERY', 'M-SEARCH'];

const junkOf = (dice: Dice, body: unknown): Buffer => {
  const many = (one: string): string => one.repeat(Math.floor(JUNK_BYTES / one.length));
  const list = `[${many('0,')}0]`;
  const [name] = Object.keys(body ?? {});
  return Buffer.from(
    dice.one([
      list,
      `{"lines":[${many('{},')}{}]}`,
      `{"orders":[${many('{"lines":[{},{}]},')}{}]}`,
      `{"${name ?? 'items'}":${list}}`,
      `{${Array.from({ length: 100_000 }, (_, index) => `"f${index}":0`).join()}}`,
      `${'['.repeat(JUNK_BYTES / 2)}${']'.repeat(JUNK_BYTES / 2)}`,
      `{"attributes":{"x":"${many('x')}"}}`,
    ]),
  );
};

const textBytes = (draft: Draft): Buffer => draft.bytes ?? Buffer.from(jsonOf(draft.body ?? {}));

/** The kinds of things that can be wrong with a request, and how often each is drawn. */
export const MUTATIONS: Readonly<Record<string, readonly [weight: number, Mutate]>> = {
  'an odd value': [
    8,
    inBody(({ holder, name }, dice, values) => (holder[name] = values.odd(ANY, dice))),
  ],
  'a field left out': [2, inBody(({ holder, name }) => delete holder[name])],
  'a field too many': [1, inBody(({ holder }, dice) => (holder[`more${dice.between(1, 9)}`] = 1))],
  'a field in a list': [1, inBody(({ holder, name }) => (holder[name] = [holder[name]]))],
  'a field many times': [
    1,
    inBody(({ holder, name }, dice) => {
      const member = JSON.stringify(holder[name]) ?? 'null';
      const most = Math.max(2, Math.floor(BODY_BYTES_MAX / member.length));
      const length = Math.min(dice.one([2, 51, 501, 5_001]), most);
      holder[name] = Array.from({ length }, (): unknown => JSON.parse(member));
    }),
  ],
  'another body': [1, (draft, dice, values) => (draft.body = values.odd(ANY, dice))],
  'a body where there is none, or none': [
    1,
    (draft) => {
      draft.body = draft.body === undefined ? { x: 1 } : undefined;
      draft.bytes = undefined;
    },
  ],
  'an odd path': [
    3,
    (draft, dice, values) => {
      const names = [...draft.path.keys()];
      if (names.length > 0) draft.path.set(dice.one(names), oddParameter(dice, values));
    },
  ],
  'an odd parameter': [
    4,
    (draft, dice, values) => {
      const known = draft.operation.parameters.filter((one) => one.in === 'query');
      const name = known.length > 0 && dice.is(0.8) ? dice.one(known).name : 'x';
      draft.query.push([name, oddParameter(dice, values)]);
    },
  ],
  'a parameter twice': [
    1,
    (draft) => {
      const [first] = draft.query;
      if (first) draft.query.push(first);
    },
  ],
  'a header': [
    4,
    (draft, dice) => {
      const [name, values] = dice.one(HEADERS);
      draft.headers.push([name, dice.one(values)]);
    },
  ],
  'a header of framing': [
    0.5,
    (draft, dice) => {
      const [name, values] = dice.one(FRAMING);
      draft.headers.push([name, dice.one(values)]);
    },
  ],
  'a header twice': [1, (draft) => draft.headers.push(...draft.headers.slice(0, 1))],
  'many headers': [
    0.3,
    (draft, dice) => {
      const count = dice.one([50, 500, 2_000]);
      for (let index = 0; index < count; index += 1) draft.headers.push([`X-${index}`, 'x']);
    },
  ],
  'another method': [2, (draft, dice) => (draft.method = dice.one(METHODS))],
  'no method': [0.5, (draft, dice) => (draft.method = dice.one(NO_METHODS))],
  'a long address': [
    0.3,
    (draft, dice) => draft.query.push(['x', 'x'.repeat(dice.one([1_000, 15_000, 20_000, 70_000]))]),
  ],
  'broken bytes': [
    2,
    (draft, dice) => {
      const bytes = Buffer.from(textBytes(draft));
      if (bytes.length > 0) bytes[dice.between(0, bytes.length - 1)] = dice.between(0, 255);
      draft.bytes = bytes;
    },
  ],
  'a body cut off': [
    1,
    (draft, dice) => {
      const bytes = textBytes(draft);
      draft.bytes = bytes.subarray(0, dice.between(0, bytes.length));
    },
  ],
  'a field twice': [
    0.5,
    (draft) => {
      const text = textBytes(draft).toString();
      draft.bytes = Buffer.from(text.replace(/^\{("\w+":)/, '{$1null,$1'));
    },
  ],
  'a name of prototypes': [
    0.5,
    (draft, dice) => {
      const name = dice.one(['__proto__', '\\u005f_proto__', 'constructor']);
      const text = textBytes(draft).toString();
      draft.bytes = Buffer.from(text.replace(/^\{/, `{"${name}":{"prototype":1},`));
    },
  ],
  'a byte order mark': [
    0.3,
    (draft) => (draft.bytes = Buffer.concat([Buffer.from('\ufeff'), textBytes(draft)])),
  ],
  junk: [0.12, (draft, dice) => (draft.bytes = junkOf(dice, draft.body))],
};
