import type { INestApplicationContext } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { schemaNameOf, schemas, type BodyClass, type JsonSchema } from '@throughline/contracts';
import { declaredRoutes } from './declared-routes.js';

type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: JsonSchema;
};
type Described = {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
};

const describedBy = (type: BodyClass | undefined): Described =>
  (type && schemas()[schemaNameOf(type) ?? '']) ?? {};

const queryParameters = (type: BodyClass | undefined): readonly Parameter[] => {
  const { properties = {}, required = [] } = describedBy(type);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};

const pathParameters = (path: string, type: BodyClass | undefined): readonly Parameter[] => {
  const { properties = {} } = describedBy(type);
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string' },
  }));
};

/** Says of every route in an API description what may stand in its path and query, by the classes that check them. */
export const describeInputs = (app: INestApplicationContext, document: OpenAPIObject): void => {
  for (const { path, method, inputs } of declaredRoutes(app)) {
    const operation = document.paths[path]?.[method.toLowerCase() as 'get'];
    if (!operation) continue;
    operation.parameters = [
      ...pathParameters(path, inputs.path),
      ...queryParameters(inputs.query),
    ] as NonNullable<typeof operation.parameters>;
  }
};
