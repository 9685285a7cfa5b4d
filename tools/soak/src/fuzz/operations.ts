/** A JSON Schema as OpenAPI writes it. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
};
export type Schemas = Readonly<Record<string, Schema>>;

type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean };
export type Described = Parameter & { readonly schema: Schema };

/** One method of one address. */
export type Operation = {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Described[];
  /** Of its body, by media type. */
  readonly bodies: Readonly<Record<string, Schema>>;
  /** What a key must allow; undefined where nothing is asked. */
  readonly needs: string | undefined;
};
export type Api = { readonly operations: readonly Operation[]; readonly schemas: Schemas };

type Json = {
  readonly parameters?: readonly Described[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly 'x-needs'?: string;
};
export type OpenApi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Schemas };
};

/** Addresses that no controller serves. */
const OTHERS = ['/', '/docs', '/openapi.json', '/v1', '/v1/nowhere', '/favicon.ico'];

/** Every operation of an API description, and addresses beside it. */
export const apiOf = ({ paths, components: { schemas } }: OpenApi): Api => ({
  schemas,
  operations: [
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { parameters = [], requestBody, 'x-needs': needs }]): Operation => ({
          method: method.toUpperCase(),
          path,
          parameters,
          bodies: Object.fromEntries(
            Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema]),
          ),
          needs: needs === 'public' ? undefined : needs,
        }),
      ),
    ),
    ...OTHERS.map((path) => ({
      method: 'GET',
      path,
      parameters: [],
      bodies: {},
      needs: undefined,
    })),
  ],
});
