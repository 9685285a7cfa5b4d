import type { CanonicalOrder } from '@throughline/contracts';
import { parse, type CsvError, type Info } from 'csv-parse';
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

const headerCheck =
  (path: string, required: readonly string[]) =>
  (header: string[]): string[] => {
    const names = header.map((name) => name.trim());
    const missing = required.filter((name) => !names.includes(name));
    if (missing.length === 0) return names;
    throw new UsageError(
      `${path} has no column ${missing.join(', ')}; its columns: ${names.join(', ')}`,
    );
  };

type Fault = { readonly number: number } & NonNullable<Row['fault']>;

const faultOf = (error: CsvError | undefined, raw: string | undefined): Fault => ({
  number: Number(error?.['lines'] ?? 0),
  code: 'malformed-row',
  message: error?.message ?? 'the row cannot be read',
  raw: shown(raw ?? ''),
});

async function* csvRows(path: string, options: ReadOptions): AsyncGenerator<Row> {
  const faults: Fault[] = [];
  const parser = parse({
    delimiter: options.delimiter ?? ',',
    bom: true,
    columns: headerCheck(path, options.columns ?? []),
    info: true,
    raw: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error, raw) => void faults.push(faultOf(error, raw)),
  });
  const text = textOf(path, options.onBytes ?? (() => undefined));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  // The parser is ahead of this loop; a bad row takes its place before the next good one, in every run.
  const faultsBefore = function* (line: number): Generator<Row> {
    while (faults.length > 0 && faults[0]!.number < line) {
      const { number, ...fault } = faults.shift()!;
      yield { number, cells: {}, fault };
    }
  };
  for await (const { record, info } of parser as AsyncIterable<{ record: Cells; info: Info }>) {
    yield* faultsBefore(info.lines);
    yield { number: info.lines, cells: record };
  }
  yield* faultsBefore(Number.POSITIVE_INFINITY);
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
