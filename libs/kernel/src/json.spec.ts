import { JSON_DEPTH_MAX, JsonError, parseJson } from './json.js';

const read = (text: string): unknown => parseJson(Buffer.from(text));
const faultOf = (text: string | Uint8Array): unknown => {
  try {
    return parseJson(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return [error.code, error.field, error.message];
  }
};
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

it.each([
  ['an object', '{"a":[1,{"b":"\\u0041"}],"constructor":"Ford"}'],
  ['a text with brackets', JSON.stringify({ a: `${'[{'.repeat(200)}"\\` })],
  ['a text that ends with a backslash', '["x\\\\",["y"]]'],
  ['many lists beside each other', `[${nested(30)},${Array(500).fill('[[1]]').join()}]`],
])('reads %s', (_, text) => expect(read(text)).toEqual(JSON.parse(text)));

it('reads what begins with a byte order mark', () =>
  expect(read('\ufeff{"a":1}')).toEqual({ a: 1 }));

it('reads as deep as may be, and no deeper, however deep it is', () => {
  expect(read(nested(JSON_DEPTH_MAX))).toHaveLength(1);
  for (const levels of [JSON_DEPTH_MAX + 1, 1_000_000])
    expect(faultOf(nested(levels))).toEqual([
      'depth',
      '',
      'must not be nested deeper than 64 levels',
    ]);
});

it.each<[string, string | Uint8Array, string, string, RegExp]>([
  ['no JSON', '{"a":', 'json', '', /^is not JSON: Unexpected end/],
  ['other encodings', Buffer.from('{"a":"\u00fc"}', 'latin1'), 'utf-8', '', /^is not UTF-8$/],
  ['__proto__', '{"a":[{"__proto__":1}]}', 'reserved-name', 'a[0].__proto__', /__proto__$/],
  ['__proto__ in disguise', '{"__\\u0070roto__":1}', 'reserved-name', '__proto__', /__proto__$/],
  [
    'a constructor with a prototype',
    '{"constructor":{"prototype":{}}}',
    'reserved-name',
    'constructor',
    /constructor$/,
  ],
])('says why it refuses %s', (_, text, code, field, message) =>
  expect(faultOf(text)).toEqual([code, field, expect.stringMatching(message)]),
);
