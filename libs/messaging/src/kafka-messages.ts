import { TOPIC_OWNERS, TOPICS, type ContractMessage, type Topic } from '@throughline/contracts';
import { derivedId, JsonError, parseJson } from '@throughline/kernel';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { Parkable, RawMessage } from './parking.js';

/** The largest message that topics and readers accept. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const REVISION = /^\d{1,15}$/;
const SCHEMA_PREFIX = 'urn:oms:message:v1:';

/** A message as a record of CloudEvents' Kafka binding in binary mode (CloudEvents 1.0.2). */
export const recordOf = (message: ContractMessage, traceparent?: string): Message => ({
  key: message.key,
  value: JSON.stringify(message.data),
  timestamp: String(Date.parse(message.time)),
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: message.id,
    ce_type: message.type,
    ce_source: message.source,
    ce_subject: message.key,
    ce_time: message.time,
    ce_dataschema: SCHEMA_PREFIX + message.type,
    ce_correlationid: message.correlationId,
    ce_causationid: message.causationId,
    ce_stream: message.stream,
    ce_streamrevision: String(message.streamRevision),
    ...(message.actorId && { ce_actorid: message.actorId }),
    ...((traceparent ?? message.traceparent) && {
      ce_traceparent: traceparent ?? message.traceparent,
    }),
  },
});

/** About how many bytes a record takes on the wire. */
export const bytesOf = ({ key, value, headers = {} }: Message): number =>
  Object.entries(headers).reduce(
    (sum, [name, text]) => sum + name.length + Buffer.byteLength(String(text)) + 4,
    Buffer.byteLength(value ?? '') + Buffer.byteLength(key ?? '') + 32,
  );

/** Thrown for a record that is no message of ours. */
class UnreadableError extends Error {
  override readonly name: string = 'UnreadableError';
}

/** Thrown for what another than the topic's owner wrote: it may not stop the owner's messages of its key. */
class ForeignError extends UnreadableError {
  override readonly name = 'ForeignError';
}

type Readable = {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
};

const parse = (value: Buffer): unknown => {
  try {
    return parseJson(value);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UnreadableError(`It ${error.message}`);
  }
};

/** The header `name`, which must be there and match. */
const header = (headers: Readable['headers'], name: string, pattern = /^[^\0]+$/): string => {
  const text = headers[name];
  if (text === undefined) throw new UnreadableError(`It has no header ${name}`);
  if (!pattern.test(text)) throw new UnreadableError(`Its header ${name} is malformed`);
  return text;
};

/** The header that says who wrote it: the topic's owner, or it is no message of ours. */
const sourceOf = (topic: Topic, headers: Readable['headers']): string => {
  const source = header(headers, 'ce_source');
  const owner = TOPIC_OWNERS[topic];
  if (owner !== null && source !== owner)
    throw new ForeignError(`Its source is ${source}, and ${topic} is written by ${owner} alone`);
  return source;
};

const messageOf = (topic: Topic, { headers, value }: Readable): ContractMessage => {
  const { ce_traceparent: traceparent, ce_actorid: actorId } = headers;
  header(headers, 'ce_specversion', /^1\.0$/);
  return {
    id: header(headers, 'ce_id', UUID),
    type: header(headers, 'ce_type'),
    topic,
    source: sourceOf(topic, headers),
    key: header(headers, 'ce_subject'),
    time: header(headers, 'ce_time'),
    data: parse(value),
    correlationId: header(headers, 'ce_correlationid'),
    causationId: header(headers, 'ce_causationid'),
    ...(traceparent && { traceparent }),
    ...(actorId && { actorId }),
    stream: header(headers, 'ce_stream'),
    streamRevision: Number(header(headers, 'ce_streamrevision', REVISION)),
  };
};

/** Header values as text; of a header that is there several times, the last. */
const textHeaders = (headers: IHeaders = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return last === undefined ? [] : [[name, last.toString()]];
    }),
  );

/** Where a record lay. */
export type Place = { readonly topic: string; readonly partition: number };

/** What a record turned out to be: a message, or something to be parked for `reason`. */
export type Incoming =
  | { readonly message: ContractMessage }
  | { readonly unreadable: Parkable; readonly reason: string };

/** Reads one record of `topic`. Never throws: what is not readable is an answer too. */
export const readRecord = (
  topic: Topic,
  place: Place,
  record: KafkaMessage,
  bytesMax = MESSAGE_BYTES_MAX,
): Incoming => {
  const value = record.value ?? Buffer.alloc(0);
  const headers = textHeaders(record.headers);
  const key = (record.key?.toString() ?? '').replaceAll('\0', '');
  try {
    if (value.length > bytesMax)
      throw new UnreadableError(`It has ${value.length} bytes, more than ${bytesMax}`);
    const message = messageOf(topic, { headers, value });
    if (message.key !== key) throw new UnreadableError('Its header ce_subject is not its key');
    return { message };
  } catch (error) {
    const raw: RawMessage = {
      ...place,
      offset: record.offset,
      headers,
      bytes: value.length,
      value: value.subarray(0, bytesMax).toString('base64'),
    };
    const id = derivedId(place.topic, place.partition, record.offset);
    const { partition } = place;
    const own = error instanceof ForeignError ? '' : key;
    const unreadable: Parkable = { id, key: own, message: null, raw, partition };
    return { unreadable, reason: (error as Error).message };
  }
};

/** Reads parked bytes again: a newer release may understand them. Throws why it cannot. */
export const readRaw = (topic: string, { headers, value, bytes }: RawMessage): ContractMessage => {
  const known = TOPICS.find((candidate) => candidate === topic);
  if (!known) throw new UnreadableError(`No topic is named ${topic}`);
  const kept = Buffer.from(value, 'base64');
  if (kept.length < bytes) throw new UnreadableError(`It has ${bytes} bytes, too many to be kept`);
  return messageOf(known, { headers, value: kept });
};
