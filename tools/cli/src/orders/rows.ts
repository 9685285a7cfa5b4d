import type { CanonicalOrder } from '@throughline/contracts';
import { CsvReader, type CsvRow } from '@throughline/kernel';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../config.js';
import type { Cells } from '../mapping/mapping.js';
import type { Row } from './order.js';

export type FileFormat = 'csv' | 'ndjson';
export type ReadOptions = {
  readonly delimiter?: string;
  /** Columns that the header must have. */
  readonly columns?: readonly string[];
  /** Lines of NDJSON are canonical orders, not flat records. */
  readonly canonical?: boolean;
  /** Told the number of bytes read from the file as it stands on disk. */
  readonly onBytes?: (bytes: number) => void;
};

const NDJSON = /\.(ndjson|jsonl)(\.gz)?$/i;
/** Of a row that cannot be read; what is longer says how much is missing. */
const RAW_MAX = 2_000;
const shown = (raw: string): string =>
  raw.length <= RAW_MAX
    ? raw
    : `${raw.slice(0, RAW_MAX)}... (${raw.length - RAW_MAX} more characters)`;

export const formatOf = (path: string): FileFormat => (NDJSON.test(path) ? 'ndjson' : 'csv');

const textOf = (path: string, onBytes: (bytes: number) => void): Readable => {
  let bytes = 0;
  const meter = new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  const out = new PassThrough();
  const stages = path.toLowerCase().endsWith('.gz') ? [meter, createGunzip()] : [meter];
  // A fault of any stage reaches the reader of `out`; pipeline destroys it with the error.
  void pipeline([createReadStream(path), ...stages, out]).catch(() => undefined);
  return out;
};

const headerOf = (
  path: string,
  { cells, fault }: CsvRow,
  required: readonly string[],
): readonly string[] => {
  if (fault !== undefined) throw new UsageError(`The header of ${path} ${fault}`);
  const names = cells.map((name) => name.trim());
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length === 0) return names;
  throw new UsageError(
    `${path} has no column ${missing.join(', ')}; its columns: ${names.join(', ')}`,
  );
};

const rowOf = (header: readonly string[], { line, cells, text, fault }: CsvRow): Row => {
  const words =
    fault ??
    (cells.length === header.length
      ? undefined
      : `has ${cells.length} cells, the header ${header.length}`);
  if (words !== undefined)
    return {
      number: line,
      cells: {},
      fault: { code: 'malformed-row', message: words, raw: shown(text) },
    };
  return { number: line, cells: Object.fromEntries(header.map((name, at) => [name, cells[at]!])) };
};

async function* csvRows(path: string, options: ReadOptions): AsyncGenerator<Row> {
  const reader = new CsvReader(options.delimiter);
  const decoder = new TextDecoder();
  let header: readonly string[] | undefined;
  const rowsIn = function* (found: readonly CsvRow[]): Generator<Row> {
    for (const row of found)
      if (header) yield rowOf(header, row);
      else header = headerOf(path, row, options.columns ?? []);
  };
  for await (const piece of textOf(path, options.onBytes ?? (() => undefined)))
    yield* rowsIn(reader.read(decoder.decode(piece as Buffer, { stream: true })));
  yield* rowsIn([...reader.read(decoder.decode()), ...reader.end()]);
}

const flat = (value: object): Cells =>
  Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      member === null || member === undefined
        ? ''
        : typeof member === 'object'
          ? JSON.stringify(member)
          : String(member),
    ]),
  );

const jsonRow = (line: string, number: number, canonical: boolean): Row => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return canonical
        ? { number, cells: {}, order: value as CanonicalOrder }
        : { number, cells: flat(value) };
  } catch {
    // Falls through to the row that says so.
  }
  const fault = { code: 'malformed-row', message: 'no JSON object', raw: shown(line) };
  return { number, cells: {}, fault };
};

async function* ndjsonRows(path: string, options: ReadOptions): AsyncGenerator<Row> {
  const text = textOf(path, options.onBytes ?? (() => undefined));
  const fault: { error?: Error } = {};
  text.on('error', (error) => (fault.error = error));
  let number = 0;
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() !== '') yield jsonRow(line, number, options.canonical ?? false);
  }
  if (fault.error) throw fault.error;
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'it ends in the middle: is it whole?',
  Z_DATA_ERROR: 'it is no gzip, or damaged',
};

/**
 * Reads a CSV or NDJSON file (each also as .gz) row by row in bounded memory. A row that cannot be read comes with its
 * `fault`. Throws `UsageError` when the header lacks a column or the file ends too early, and what the file system throws.
 */
export async function* rowsOf(path: string, options: ReadOptions = {}): AsyncGenerator<Row> {
  try {
    yield* formatOf(path) === 'csv' ? csvRows(path, options) : ndjsonRows(path, options);
  } catch (error) {
    const fault = FILE_FAULTS[(error as NodeJS.ErrnoException).code ?? ''];
    if (fault === undefined) throw error;
    throw new UsageError(`${path} cannot be read to its end: ${fault}`, { cause: error });
  }
}
