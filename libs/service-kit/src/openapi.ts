import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { schemas } from '@throughline/contracts';
import { describeAccess } from './access-docs.js';
import { describeInputs } from './input-docs.js';

type Json = Record<string, unknown>;

/** JSON Schema as OpenAPI 3.0 wants it: references into `components`. */
const forOpenApi = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(forOpenApi);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema as Json).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : forOpenApi(value),
    ]),
  );
};

/**
 * The API's description, made from the routes and from the same decorated classes that check requests; only
 * schemas that a route refers to, directly or not, are listed.
 */
const documentOf = (app: NestFastifyApplication): OpenAPIObject => {
  const config = new DocumentBuilder()
    .setTitle('Throughline')
    .setDescription('Order management: orders, stock, routing, fulfillment, shipping, returns.')
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description:
        'An API key (`tl_...`), or a JWT of the identity provider where one is connected.',
    })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const known = forOpenApi(schemas()) as Json;
  const used: Json = {};
  const include = (text: string): void => {
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      if (!name || used[name] || !known[name]) continue;
      used[name] = known[name];
      include(JSON.stringify(known[name]));
    }
  };
  include(JSON.stringify(document.paths));
  describeInputs(app, document);
  describeAccess(app, document);
  document.components = { ...document.components, schemas: used as never };
  return document;
};

/** Serves the description at `/openapi.json` and as pages at `/docs`; call it before the app starts. */
export const serveOpenApi = (app: NestFastifyApplication): void =>
  SwaggerModule.setup('docs', app, () => documentOf(app), { jsonDocumentUrl: 'openapi.json' });
