import 'reflect-metadata';
import { instantOf, isRecordedInstant } from '@throughline/kernel';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { ATTRIBUTES_DEPTH_MAX, isStorable } from './rules.js';

export type BodyClass<Body = object> = new () => Body;
export type JsonSchema = Record<string, unknown>;

/** One thing that is wrong with an input: where, which rule, and in words. */
export type FieldError = {
  readonly field: string;
  readonly code: string;
  readonly message: string;
};

type Property = JsonSchema & { $ref?: string };

const DEFINITIONS = '#/$defs/';
const INSTANT = { type: 'string', format: 'date-time' } as const;

const nullable = (property: Property): JsonSchema =>
  property.$ref || property.allOf || property.enum
    ? { anyOf: [property, { type: 'null' }] }
    : { ...property, nullable: true };

const namesOf = (type: BodyClass): string[] => {
  const names: string[] = [];
  for (
    let proto = type.prototype;
    proto && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    names.push(proto.constructor.name);
  return names;
};

/** Schemas are known by class name, so that two classes of one name would become one. */
const refuseSharedNames = (storage: object): void => {
  const { validationMetadatas } = storage as {
    validationMetadatas: Map<{ name: string }, unknown>;
  };
  const names = new Set<string>();
  for (const { name } of validationMetadatas.keys()) {
    if (names.has(name)) throw new Error(`Two decorated classes are named ${name}; rename one`);
    names.add(name);
  }
};

/** Our own keyword of JSON Schema. */
const STORABLE = 'x-storable';

let definitions: Record<string, JsonSchema> | undefined;
/** How many classes there were when the definitions were made. */
let classesKnown = 0;

/** JSON Schemas of every decorated class, by class name; optional properties also accept null. */
export const schemas = (): Record<string, JsonSchema> => {
  const storage = getMetadataStorage();
  const { size } = (storage as unknown as { validationMetadatas: ReadonlyMap<unknown, unknown> })
    .validationMetadatas;
  if (definitions && size === classesKnown) return definitions;
  classesKnown = size;
  refuseSharedNames(storage);
  const generated = validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage,
    classValidatorMetadataStorage: storage,
    refPointerPrefix: DEFINITIONS,
    additionalConverters: {
      isInstant: () => INSTANT,
      isStorable: () => ({ [STORABLE]: true }),
      // The defaults also say `type: number`, which would undo `type: integer`.
      min: ({ constraints }) => ({ minimum: constraints?.[0] }),
      max: ({ constraints }) => ({ maximum: constraints?.[0] }),
    },
  }) as Record<string, JsonSchema & { properties?: Record<string, Property>; required?: string[] }>;
  for (const schema of Object.values(generated)) {
    const required = new Set(schema.required ?? []);
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      if (!required.has(name)) schema.properties![name] = nullable(property);
  }
  definitions = generated;
  return generated;
};

/** The JSON Schema of one class with everything that it refers to. */
export const schemaOf = (type: BodyClass, { strict = false } = {}): JsonSchema => {
  const all = schemas();
  const name = namesOf(type).find((candidate) => all[candidate]);
  if (!name) return { type: 'object', ...(strict && { additionalProperties: false }) };
  if (!strict) return { $ref: DEFINITIONS + name, $defs: all };
  const closed = Object.fromEntries(
    Object.entries(all).map(([key, schema]) => [key, { ...schema, additionalProperties: false }]),
  );
  return { $ref: DEFINITIONS + name, $defs: closed };
};

const compilerOf = (isInstant: (text: string) => boolean): Ajv => {
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, validateFormats: true });
  (formats as unknown as (instance: Ajv) => void)(ajv);
  ajv.addFormat('date-time', isInstant);
  ajv.addKeyword({
    keyword: STORABLE,
    type: 'object',
    validate: (_: true, value: object) => isStorable(value),
    error: {
      message: `must not be deeper than ${ATTRIBUTES_DEPTH_MAX} levels, nor hold NUL, half a surrogate pair or a number without end`,
    },
  });
  return ajv;
};
/** Of what comes from outside, and of what our own logs told. */
const edge = compilerOf((text) => instantOf(text) !== undefined);
const inner = compilerOf(isRecordedInstant);

const fieldOf = ({ instancePath, params, keyword }: ErrorObject): string => {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('');
  const leaf =
    keyword === 'required'
      ? `.${params.missingProperty}`
      : keyword === 'additionalProperties'
        ? `.${params.additionalProperty}`
        : '';
  return (path + leaf).replace(/^\./, '');
};

const wording = ({ keyword, message, params }: ErrorObject): string => {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a known field';
    case 'format':
      return params.format === 'date-time'
        ? 'must be an instant with its offset, from year 1 to 9999 in UTC: 2026-11-01T09:30:00Z'
        : (message ?? 'is invalid');
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}`;
    default:
      return message ?? 'is invalid';
  }
};

const codeOf = (keyword: string): string =>
  keyword === 'additionalProperties'
    ? 'unknown-field'
    : keyword.replace(/^x-/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const ERRORS_MAX = 50;

/**
 * A compiled check of a decorated class: answers what is wrong with a value, nothing when all is well.
 * `strict` also refuses fields that the class does not have, and instants that our stores cannot hold (every way in); messages ignore the
 * former and may hold the latter, because earlier releases took them.
 */
export const validatorOf = (
  type: BodyClass,
  { strict = false } = {},
): ((value: unknown) => FieldError[]) => {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= (strict ? edge : inner).compile(schemaOf(type, { strict }));
    if (compiled(value)) return [];
    const errors = new Map<string, FieldError>();
    for (const error of compiled.errors!) {
      if (error.keyword === 'anyOf' || error.params.type === 'null') continue;
      const field = fieldOf(error);
      const code = codeOf(error.keyword);
      errors.set(`${field} ${code}`, { field, code, message: wording(error) });
      if (errors.size === ERRORS_MAX) break;
    }
    return [...errors.values()];
  };
};
