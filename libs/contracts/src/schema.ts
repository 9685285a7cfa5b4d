import 'reflect-metadata';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { WAY_IN_FORMAT_NAMES } from './way-in-formats.js';

export type BodyClass<Body = object> = new () => Body;
export type JsonSchema = Record<string, unknown>;

export type Property = JsonSchema & {
  readonly $ref?: string;
  readonly anyOf?: readonly Property[];
  readonly items?: Property;
  readonly maxItems?: number;
};

export const DEFINITIONS = '#/$defs/';
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

/** Our own keyword of JSON Schema: a value that can be stored and read back. */
export const STORABLE_KEYWORD = 'x-storable';

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
      ...Object.fromEntries(WAY_IN_FORMAT_NAMES.map((format) => [format, () => ({ format })])),
      isStorable: () => ({ [STORABLE_KEYWORD]: true }),
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

/** Under which name the schema of a class is known; undefined where it has no fields. */
export const schemaNameOf = (type: BodyClass): string | undefined => {
  const all = schemas();
  return namesOf(type).find((candidate) => all[candidate]);
};

/** The JSON Schema of one class with everything that it refers to. */
export const schemaOf = (type: BodyClass, { strict = false } = {}): JsonSchema => {
  const all = schemas();
  const name = schemaNameOf(type);
  if (!name) return { type: 'object', ...(strict && { additionalProperties: false }) };
  if (!strict) return { $ref: DEFINITIONS + name, $defs: all };
  const closed = Object.fromEntries(
    Object.entries(all).map(([key, schema]) => [key, { ...schema, additionalProperties: false }]),
  );
  return { $ref: DEFINITIONS + name, $defs: closed };
};
