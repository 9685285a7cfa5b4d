import { RequestMethod, type INestApplicationContext } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { CHANNEL_AWARE, NEED, type Need } from './access.js';

/** A route, and what its controller says about who may call it. */
export type DeclaredRoute = {
  readonly method: string;
  /** As OpenAPI writes it: `/v1/orders/{id}`. */
  readonly path: string;
  /** `undefined` where the route does not say. */
  readonly need: Need | undefined;
  readonly isChannelAware: boolean;
};

const segments = (path: unknown): string[] => [path ?? ''].flat().map(String);

/** `a` + `:id/b` -> `/a/{id}/b`; `::` stands for a colon. */
const openApiPath = (...parts: readonly string[]): string =>
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
