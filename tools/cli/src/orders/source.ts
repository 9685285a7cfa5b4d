import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { UsageError } from '../config.js';
import { readOrderMapping } from '../mapping/mapping-file.js';
import type { OrderMapping, Value } from '../mapping/mapping.js';
import { postalCodesFrom, readPostalCodes } from '../mapping/postal-codes.js';
import { groupsOf } from './grouping.js';
import { canonicalOrderBuilder, mappedOrderBuilder } from './order-builder.js';
import type { BuiltOrder, Group, Row } from './order.js';
import { formatOf, rowsOf } from './rows.js';

export type SourceOptions = {
  readonly files: readonly string[];
  readonly mapping?: string;
  /** In place of the mapping's. */
  readonly channel?: string;
  readonly postalCodes?: string;
};

export type SourceFile = { readonly path: string; readonly bytes: number; readonly hash: string };

export type ReadHooks = {
  readonly onBytes?: (bytes: number) => void;
  readonly onRow?: () => void;
  readonly onOpen?: (group: Group, firstRow: number) => void;
  /** Rows for which this is true are left out. */
  readonly isSettled?: (row: number, key: string) => boolean;
};

export type OrderSource = {
  readonly files: readonly SourceFile[];
  /** Equal for equal files, mapping and postal codes: what a checkpoint belongs to. */
  readonly fingerprint: string;
  readonly mapping: OrderMapping | undefined;
  /** True when the mapping draws postal codes but was not given a list of them. */
  readonly lacksPostalCodes: boolean;
  orders(path: string, hooks?: ReadHooks): AsyncGenerator<BuiltOrder>;
};

/** SHA-256 of a file's bytes, in hex. */
export const hashOfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

export const identify = async (path: string): Promise<SourceFile> => {
  try {
    return { path, bytes: statSync(path).size, hash: await hashOfFile(path) };
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
};

const drawsPostalCodes = (values: Readonly<Record<string, Value>>): boolean =>
  Object.values(values).some((value) => 'postalCode' in value);

const columnsOf = ({ groupBy, rejectRows = [], rejectOrders = [], order, line }: OrderMapping) => {
  const used = new Set([groupBy]);
  for (const { when } of [...rejectRows, ...rejectOrders]) used.add(when.column);
  for (const value of [...Object.values(order), ...Object.values(line)])
    if ('column' in value) used.add(value.column);
    else if ('postalCode' in value) for (const column of value.postalCode.by) used.add(column);
  return [...used];
};

async function* counted(
  rows: AsyncIterable<Row>,
  keyOf: (row: Row) => string,
  { onRow, isSettled }: ReadHooks,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    onRow?.();
    if (!isSettled?.(row.number, keyOf(row))) yield row;
  }
}

const mappingOf = (path: string, channel: string | undefined): OrderMapping => {
  const mapping = readOrderMapping(path);
  if (channel === undefined) return mapping;
  return { ...mapping, order: { ...mapping.order, channel: { constant: channel } } };
};

/** Opens files of orders: canonical NDJSON without a mapping, CSV or flat NDJSON with one. */
export const openSource = async (options: SourceOptions): Promise<OrderSource> => {
  const { files: paths, mapping: mappingPath, channel, postalCodes: codesPath } = options;
  const unmapped = paths.find((path) => !mappingPath && formatOf(path) === 'csv');
  if (unmapped) throw new UsageError(`${unmapped} needs a --mapping; samples/README.md shows one`);
  const mapping = mappingPath === undefined ? undefined : mappingOf(mappingPath, channel);
  if (!mapping && channel !== undefined)
    throw new UsageError('--channel needs a --mapping: canonical orders name their own');
  const files = await Promise.all(paths.map(identify));
  const codesHash = codesPath === undefined ? '' : (await identify(codesPath)).hash;
  const codes = codesPath === undefined ? undefined : await readPostalCodes(codesPath);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([files.map(({ bytes, hash }) => [bytes, hash]), mapping, codesHash]))
    .digest('hex');

  const build = mapping
    ? mappedOrderBuilder(mapping, codes ?? postalCodesFrom(new Map()))
    : canonicalOrderBuilder;
  const keyOf = ({ number, cells, order, fault }: Row): string => {
    const key = mapping && !fault ? (cells[mapping.groupBy] ?? '').trim() : '';
    // A row that belongs to no order stands alone; the tab keeps it apart from real keys.
    if (mapping) return key === '' ? `\t${number}` : key;
    return order ? `${order.channel} ${order.externalId}\t${number}` : `\t${number}`;
  };

  async function* orders(path: string, hooks: ReadHooks = {}): AsyncGenerator<BuiltOrder> {
    const rows = rowsOf(path, {
      canonical: !mapping,
      ...(mapping && { columns: columnsOf(mapping) }),
      ...(mapping?.delimiter !== undefined && { delimiter: mapping.delimiter }),
      ...(hooks.onBytes && { onBytes: hooks.onBytes }),
    });
    const window = mapping ? mapping.window : 1;
    const groups = groupsOf(counted(rows, keyOf, hooks), keyOf, {
      ...(window !== undefined && { window }),
      ...(hooks.onOpen && { onOpen: hooks.onOpen }),
    });
    for await (const group of groups) yield build(group);
  }

  return {
    files,
    fingerprint,
    mapping,
    lacksPostalCodes: !codes && mapping !== undefined && drawsPostalCodes(mapping.order),
    orders,
  };
};
