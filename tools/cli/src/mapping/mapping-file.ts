import { readFileSync } from 'node:fs';
import { UsageError } from '../config.js';
import { TRANSFORMS, type OrderMapping, type StockMapping } from './mapping.js';
import {
  anything,
  flag,
  listOf,
  number,
  object,
  oneOf,
  pattern,
  recordOf,
  text,
  textOrNull,
  variantOf,
  whole,
  type Check,
  type Finding,
} from './shape.js';

const condition = object(
  {
    column: text,
    matches: pattern,
    in: listOf(text),
    below: number,
    atMost: number,
    empty: flag,
    ignoreCase: flag,
  },
  ['column'],
);

const rejectRules = listOf(
  object({ when: condition, code: text, message: text }, ['when', 'code']),
);

const value = variantOf({
  constant: object({ constant: anything }),
  template: object({ template: text }),
  isSet: object({ isSet: text }),
  computed: object({ computed: oneOf(['total']) }),
  postalCode: object({
    postalCode: object({ country: text, by: listOf(text), codes: recordOf(listOf(text)) }, [
      'country',
      'by',
    ]),
  }),
  column: object({
    column: text,
    transform: listOf(oneOf(TRANSFORMS)),
    map: recordOf(textOrNull),
    otherwise: textOrNull,
    required: flag,
  }),
});

const fields = (...required: string[]): Check => {
  const members = recordOf(value);
  return (given, path, findings) => {
    members(given, path, findings);
    for (const name of required)
      if (typeof given === 'object' && given !== null && !(name in given))
        findings.push({ path: `${path}.${name}`, message: 'is required' });
  };
};

const about = { description: text, delimiter: text, rejectRows: rejectRules };

const orderMapping = object(
  {
    ...about,
    kind: oneOf(['orders']),
    groupBy: text,
    window: whole,
    rejectOrders: rejectRules,
    order: fields('channel', 'externalId', 'placedAt', 'currency', 'total'),
    line: fields('sku', 'quantity', 'unitPrice'),
  },
  ['kind', 'groupBy', 'order', 'line'],
);

const stockMapping = object(
  {
    ...about,
    kind: oneOf(['stock']),
    item: fields('sku', 'name'),
    movement: fields('locationId', 'quantity'),
  },
  ['kind', 'item', 'movement'],
);

/** What is wrong with the content of a mapping file; nothing when it can be used. */
export const findingsIn = (content: unknown, kind: 'orders' | 'stock'): readonly Finding[] => {
  const findings: Finding[] = [];
  (kind === 'orders' ? orderMapping : stockMapping)(content, '', findings);
  return findings;
};

const readMapping = (path: string, kind: 'orders' | 'stock'): unknown => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The mapping ${path} cannot be read: ${(error as Error).message}`);
  }
  const findings = findingsIn(content, kind);
  if (findings.length === 0) return content;
  const lines = findings.map(({ path: at, message }) => `  ${at || 'the file'}: ${message}`);
  throw new UsageError(`The mapping ${path} has errors:\n${lines.join('\n')}`);
};

/** Reads and checks a mapping of orders; throws `UsageError` that names every wrong path. */
export const readOrderMapping = (path: string): OrderMapping =>
  readMapping(path, 'orders') as OrderMapping;

/** Reads and checks a mapping of stock; throws `UsageError` that names every wrong path. */
export const readStockMapping = (path: string): StockMapping =>
  readMapping(path, 'stock') as StockMapping;
