import type { ContractMessage } from '@throughline/contracts';
import type { KafkaMessage } from 'kafkajs';
import { bytesOf, readRaw, readRecord, recordOf } from './kafka-messages.js';
import { batchesOf, outgoing } from './kafka-sender.js';

const untraced: ContractMessage = {
  id: '9ac70171-d803-5b91-b4db-420d41a35144',
  type: 'OrderConfirmed',
  topic: 'oms.order',
  source: 'order-capture',
  key: 'o1',
  time: '2026-01-01T00:00:00.000Z',
  data: { orderId: 'o1', confirmedAt: '2026-01-01T00:00:00.000Z' },
  correlationId: 'story',
  causationId: 'cause',
  stream: 'order-o1',
  streamRevision: 4,
};
const message: ContractMessage = {
  ...untraced,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const place = { topic: 'x.oms.order', partition: 2 };

/** A record as a consumer gets it. */
const received = (
  sent = recordOf(message),
  change: Partial<Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>> = {},
): KafkaMessage => ({
  key: Buffer.from(String(sent.key)),
  value: Buffer.from(String(sent.value)),
  timestamp: String(sent.timestamp),
  attributes: 0,
  offset: '17',
  headers: Object.fromEntries(
    Object.entries(sent.headers ?? {}).map(([name, text]) => [name, Buffer.from(String(text))]),
  ),
  ...change,
});
const without = (name: string): KafkaMessage => {
  const headers = { ...received().headers };
  delete headers[name];
  return received(undefined, { headers });
};
const withHeader = (name: string, text: string): KafkaMessage =>
  received(undefined, { headers: { ...received().headers, [name]: Buffer.from(text) } });
const read = (record: KafkaMessage, bytesMax?: number) =>
  readRecord('oms.order', place, record, bytesMax);
const reasonOf = (record: KafkaMessage, bytesMax?: number): string | undefined => {
  const incoming = read(record, bytesMax);
  return 'reason' in incoming ? incoming.reason : undefined;
};

describe('a message on Kafka', () => {
  it('is a CloudEvent in binary mode', () =>
    expect(recordOf(message)).toEqual({
      key: 'o1',
      value: '{"orderId":"o1","confirmedAt":"2026-01-01T00:00:00.000Z"}',
      timestamp: '1767225600000',
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: '9ac70171-d803-5b91-b4db-420d41a35144',
        ce_type: 'OrderConfirmed',
        ce_source: 'order-capture',
        ce_subject: 'o1',
        ce_time: '2026-01-01T00:00:00.000Z',
        ce_dataschema: 'urn:oms:message:v1:OrderConfirmed',
        ce_correlationid: 'story',
        ce_causationid: 'cause',
        ce_traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        ce_stream: 'order-o1',
        ce_streamrevision: '4',
      },
    }));

  it('comes out as it went in, with and without a trace, and with who asked', () => {
    expect(read(received())).toEqual({ message });
    const asked = { ...message, actorId: 'key-1' };
    expect(recordOf(asked).headers).toMatchObject({ ce_actorid: 'key-1' });
    expect(read(received(recordOf(asked)))).toEqual({ message: asked });
    expect(read(received(recordOf(untraced)))).toEqual({ message: untraced });
    const own = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
    expect(read(received(recordOf(message, own)))).toEqual({
      message: { ...message, traceparent: own },
    });
  });

  const holding = (value: string | Buffer) => received(undefined, { value: Buffer.from(value) });

  it.each([
    [without('ce_id'), 'It has no header ce_id'],
    [without('ce_type'), 'It has no header ce_type'],
    [without('ce_stream'), 'It has no header ce_stream'],
    [withHeader('ce_id', 'seven'), 'Its header ce_id is malformed'],
    [withHeader('ce_specversion', '0.3'), 'Its header ce_specversion is malformed'],
    [withHeader('ce_streamrevision', '-1'), 'Its header ce_streamrevision is malformed'],
    [withHeader('ce_subject', 'o2'), 'Its header ce_subject is not its key'],
    [withHeader('ce_source', 'a\0b'), 'Its header ce_source is malformed'],
    [
      withHeader('ce_source', 'payments'),
      'Its source is payments, and oms.order is written by order-capture alone',
    ],
    [received(undefined, { headers: undefined }), 'It has no header ce_specversion'],
    [received(undefined, { value: null }), 'It is not JSON: Unexpected end of JSON input'],
    [holding('['.repeat(100_000)), 'It must not be nested deeper than 64 levels'],
    [holding('{"__proto__":1}'), 'It must not have a field named __proto__'],
    [holding(Buffer.from([0x22, 0xff, 0x22])), 'It is not UTF-8'],
  ])('is not readable when something is missing or wrong (%#)', (record, reason) =>
    expect(reasonOf(record)).toBe(reason),
  );

  it('that is not readable keeps its place and its bytes', () => {
    const value = Buffer.from([0xff, 0x00, 0x7b]);
    expect(read(received(undefined, { value, headers: { from: Buffer.from('x') } }))).toEqual({
      reason: 'It has no header ce_specversion',
      unreadable: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        key: 'o1',
        message: null,
        partition: 2,
        raw: { ...place, offset: '17', headers: { from: 'x' }, bytes: 3, value: '/wB7' },
      },
    });
    expect(read(received(undefined, { key: null, headers: {} }))).toMatchObject({
      unreadable: { key: '' },
    });
  });

  it('has an id of its own where it lies, the same each time', () => {
    const idAt = (offset: string) => {
      const incoming = read(received(undefined, { headers: {}, offset }));
      return 'unreadable' in incoming && incoming.unreadable.id;
    };
    expect(idAt('17')).toBe(idAt('17'));
    expect(idAt('18')).not.toBe(idAt('17'));
  });

  it('is refused above the limit, and its beginning is kept', () => {
    const { length } = Buffer.from(String(recordOf(message).value));
    expect(read(received(), length)).toEqual({ message });
    const incoming = read(received(), length - 1);
    expect(incoming).toMatchObject({
      reason: `It has ${length} bytes, more than ${length - 1}`,
      unreadable: { raw: { bytes: length } },
    });
    if (!('unreadable' in incoming)) return;
    expect(Buffer.from(incoming.unreadable.raw!.value, 'base64')).toHaveLength(length - 1);
    expect(() => readRaw('oms.order', incoming.unreadable.raw!)).toThrow(/too many to be kept/);
  });

  it('is read again from what was kept', () => {
    const { headers } = recordOf(message) as { headers: Record<string, string> };
    const value = Buffer.from(String(recordOf(message).value));
    const raw = { ...place, offset: '1', headers, bytes: value.length };
    expect(readRaw('oms.order', { ...raw, value: value.toString('base64') })).toEqual(message);
    expect(() => readRaw('oms.order', { ...raw, bytes: 1, value: 'ew==' })).toThrow(/not JSON/);
    expect(() => readRaw('nothing', { ...raw, value: '' })).toThrow('No topic is named nothing');
  });
});

describe('a batch', () => {
  const sized = (key: string, bytes: number) => ({
    ...outgoing('t', { ...message, key }),
    bytes,
  });
  const keys = (batches: readonly (readonly { message: { key: string } }[])[]) =>
    batches.map((batch) => batch.map((one) => one.message.key).join(''));

  it('is as large as a request may be, in order; what is larger goes alone', () => {
    const messages = [
      ['a', 4],
      ['b', 6],
      ['c', 1],
      ['d', 30],
      ['e', 9],
      ['f', 1],
      ['g', 1],
    ] as const;
    const going = messages.map(([key, bytes]) => sized(key, bytes));
    expect(keys(batchesOf(going, 10))).toEqual(['ab', 'c', 'd', 'ef', 'g']);
    expect(batchesOf([], 10)).toEqual([]);
  });

  it('counts about what it takes on the wire', () => {
    const record = recordOf(message);
    const texts = [record.key, record.value, ...Object.entries(record.headers!).flat()];
    expect(bytesOf(record)).toBeGreaterThanOrEqual(texts.join('').length);
    const longer = recordOf({ ...message, data: { note: 'é'.repeat(100) } });
    expect(bytesOf(longer)).toBeGreaterThan(bytesOf(recordOf({ ...message, data: {} })) + 200);
  });
});
