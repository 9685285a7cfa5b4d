import { assertNever, withoutControls } from '@throughline/kernel';
import type { Cells, ColumnValue, Fault, Fields, Transform, Value } from './mapping.js';
import type { PostalCodes } from './postal-codes.js';

/** An object under construction, read and written by dotted paths; digits in a path are list positions. */
export type Draft = Record<string, unknown>;
type Made = { readonly value: unknown } | { readonly fault: Omit<Fault, 'field'> };
type Maker = (cells: Cells, draft: Draft) => Made;

/** Fills `draft` from one row; answers what could not be made. */
export type Filler = (cells: Cells, draft: Draft) => Fault | undefined;

const DECIMAL = /^-?\d+(\.\d+)?$/;
const INTEGER = /^-?\d+$/;
const PLACEHOLDER = /\{([^{}]+)\}/g;

export const readPath = (draft: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((member, step) => (member as Draft | undefined)?.[step], draft);

const writer = (path: string): ((draft: Draft, value: unknown) => void) => {
  const steps = path.split('.');
  const last = steps.pop()!;
  return (draft, value) => {
    let member: Draft = draft;
    steps.forEach((step, index) => {
      const isList = INTEGER.test(steps[index + 1] ?? last);
      member[step] ??= isList ? [] : {};
      member = member[step] as Draft;
    });
    member[last] = value;
  };
};

const fault = (code: string, message: string): Made => ({ fault: { code, message } });

const transformed = (text: string, transform: Transform): Made => {
  switch (transform) {
    case 'trim':
      return { value: text };
    case 'upper':
      return { value: text.toUpperCase() };
    case 'lower':
      return { value: text.toLowerCase() };
    case 'decimal':
      return DECIMAL.test(text) ? { value: text } : fault('decimal', `"${text}" is no decimal`);
    case 'integer':
      return INTEGER.test(text)
        ? { value: Number(text) }
        : fault('integer', `"${text}" is no whole number`);
    case 'number':
      return DECIMAL.test(text)
        ? { value: Number(text) }
        : fault('number', `"${text}" is no number`);
    default:
      return assertNever(transform);
  }
};

/** Of names and addresses: line breaks and tabs in a cell are accidents, and would be refused. */
const IN_ONE_LINE = /(^|\.)(name|phone|email|city|region|lines\.\d+)$/;

const columnMaker = (value: ColumnValue): Maker => {
  const { column, map, otherwise, required = false, transform: transforms = ['trim'] } = value;
  const named = map && new Map(Object.entries(map));
  return (cells) => {
    const text = (cells[column] ?? '').trim();
    if (text === '')
      return required ? fault('required', `column ${column} is empty`) : { value: null };
    let made: Made = { value: text };
    for (const transform of transforms) {
      if ('fault' in made) return made;
      made = transformed(String(made.value), transform);
    }
    if (!named || 'fault' in made) return made;
    const mapped = named.get(String(made.value));
    if (mapped !== undefined) return { value: mapped };
    if (otherwise !== undefined) return { value: otherwise };
    return fault('not-mapped', `the mapping does not know "${String(made.value)}"`);
  };
};

const makerOf = (value: Value, postalCodes: PostalCodes): Maker => {
  if ('constant' in value) return () => ({ value: structuredClone(value.constant) });
  if ('template' in value)
    return (cells) => ({
      value: value.template
        .replace(PLACEHOLDER, (_, column: string) => (cells[column] ?? '').trim())
        .trim(),
    });
  if ('isSet' in value)
    return (_, draft) => ({ value: (readPath(draft, value.isSet) ?? null) !== null });
  if ('postalCode' in value) {
    const { country, by, codes } = value.postalCode;
    return (cells, draft) => {
      const key = by.map((column) => cells[column] ?? '').find((text) => text !== '') ?? '';
      return { value: postalCodes.draw(readPath(draft, country), key, codes) };
    };
  }
  if ('column' in value) return columnMaker(value);
  // What is computed from the whole order is filled in when its lines are there.
  return () => ({ value: null });
};

/** Compiles fields to a function that fills a draft in the order of the mapping file. */
export const fillerOf = (fields: Fields, postalCodes: PostalCodes): Filler => {
  const makers = Object.entries(fields).map(([path, value]) => ({
    path,
    make: makerOf(value, postalCodes),
    write: writer(path),
  }));
  return (cells, draft) => {
    for (const { path, make, write } of makers) {
      const made = make(cells, draft);
      if ('fault' in made) return { field: path, ...made.fault };
      const { value } = made;
      const isLine = typeof value === 'string' && IN_ONE_LINE.test(path);
      write(draft, isLine ? withoutControls(value) : value);
    }
    return undefined;
  };
};

/** Writes `value` to every path of `fields` that is computed. */
export const computedWriter = (fields: Fields): ((draft: Draft, value: unknown) => void) => {
  const writers = Object.entries(fields)
    .filter(([, value]) => 'computed' in value)
    .map(([path]) => writer(path));
  return (draft, value) => {
    for (const write of writers) write(draft, value);
  };
};
