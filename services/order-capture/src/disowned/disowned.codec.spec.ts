import { readFileSync } from 'node:fs';
import { disownedCodec } from './disowned.codec.js';

it('an order that was disowned comes out as it went in', () => {
  const golden = new URL('./golden/OrderDisowned.1.json', import.meta.url);
  const data = JSON.parse(readFileSync(golden, 'utf8'));
  const stored = { type: 'OrderDisowned', version: 1, stream: 'disowned-1', data };
  expect(disownedCodec.encode(disownedCodec.decode(stored))).toEqual({
    type: 'OrderDisowned',
    version: 1,
    data,
  });
});
