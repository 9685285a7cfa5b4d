import { RequestMethod, type INestApplicationContext, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import type { BodyClass } from '@throughline/contracts';
import { NEED, type Need } from './access.js';
import { TAKES_FILE } from './file-body.js';
import { CHANNEL_AWARE, LOCATION_AWARE } from './limits.js';

/** The classes that a route checks its inputs against. */
export type Inputs = {
  readonly body?: BodyClass;
  readonly query?: BodyClass;
  readonly path?: BodyClass;
  readonly takesFile: boolean;
};

/** A route, and what its controller says about who may call it. */
export type DeclaredRoute = {
  readonly method: string;
  /** As OpenAPI writes it: `/v1/orders/{id}`. */
  readonly path: string;
  /** `undefined` where the route does not say. */
  readonly need: Need | undefined;
  readonly isChannelAware: boolean;
  readonly isLocationAware: boolean;
  readonly inputs: Inputs;
};

/** Where Nest takes what it passes to a handler from, by its own numbers. */
const SOURCES: Readonly<Record<string, 'body' | 'query' | 'path'>> = {
  3: 'body',
  4: 'query',
  5: 'path',
};

/** What a controller's method takes as a whole: `@Body(valid(X))`, `@Query(valid(X))`, `@Param(valid(X))`. */
export const inputsOf = (controller: Type, method: string): Inputs => {
  const given: Record<string, { readonly index: number; readonly data?: unknown }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  const prototype = controller.prototype as Record<string, object>;
  const types: readonly BodyClass[] =
    Reflect.getMetadata('design:paramtypes', prototype, method) ?? [];
  const inputs = Object.entries(given).flatMap(([key, { index, data }]) => {
    const source = SOURCES[key.split(':')[0]!];
    return source && data === undefined ? [[source, types[index]!] as const] : [];
  });
  const takesFile = Reflect.hasMetadata(TAKES_FILE, prototype[method]!);
  return { ...Object.fromEntries(inputs), takesFile };
};

const segments = (path: unknown): string[] => [path ?? ''].flat().map(String);

/** `a` + `:id/b` -> `/a/{id}/b`; `::` stands for a colon. */
export const openApiPath = (...parts: readonly string[]): string =>
  `/${parts
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/')}`
    .replace(/::/g, '\u0000')
    .replace(/:(\w+)/g, '{$1}')
    .replaceAll('\u0000', ':');

/** Every route of every controller of the application, sorted by path and method. */
export const declaredRoutes = (app: INestApplicationContext): readonly DeclaredRoute[] => {
  const reflector = app.get(Reflector);
  const scanner = new MetadataScanner();
  const routes: DeclaredRoute[] = [];
  for (const { controllers } of app.get(ModulesContainer).values())
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      for (const name of scanner.getAllMethodNames(metatype.prototype)) {
        const handler: () => unknown = metatype.prototype[name];
        const method: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, handler);
        if (method === undefined) continue;
        const targets = [handler, metatype];
        for (const prefix of segments(Reflect.getMetadata(PATH_METADATA, metatype)))
          for (const path of segments(Reflect.getMetadata(PATH_METADATA, handler)))
            routes.push({
              method: RequestMethod[method],
              path: openApiPath(prefix, path),
              need: reflector.getAllAndOverride<Need | undefined>(NEED, targets),
              isChannelAware: reflector.getAllAndOverride(CHANNEL_AWARE, targets) === true,
              isLocationAware: reflector.getAllAndOverride(LOCATION_AWARE, targets) === true,
              inputs: inputsOf(metatype as Type, name),
            });
      }
    }
  const keyOf = ({ path, method }: DeclaredRoute) => `${path} ${method}`;
  return routes.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
};

/** A route that does not say who may call it must not be served at all. Throws with all of them. */
export const refuseUndeclaredRoutes = (app: INestApplicationContext): void => {
  const silent = declaredRoutes(app).filter(({ need }) => need === undefined);
  if (silent.length === 0) return;
  const names = silent.map(({ method, path }) => `${method} ${path}`).join(', ');
  throw new Error(`Say who may call ${names}: @Needs('<action>'), @NeedsAnyKey() or @Public()`);
};
