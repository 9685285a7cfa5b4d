import type { INestApplicationContext } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { declaredRoutes, type DeclaredRoute } from './declared-routes.js';

const PROBLEM = { 'application/problem+json': { schema: { type: 'object' } } } as const;

const wordsOf = ({ need, isChannelAware, isLocationAware }: DeclaredRoute): string =>
  [
    need === 'public' ? 'Anybody may call this.' : undefined,
    need === 'any-key' ? 'Every valid key may call this.' : undefined,
    need !== 'public' && need !== 'any-key' ? `Needs \`${need}\`.` : undefined,
    isChannelAware ? 'Keys of single channels may call it, for these.' : undefined,
    isLocationAware ? 'Keys of single locations may call it, for these.' : undefined,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ');

/** Says of every route in an API description what its caller needs (`x-needs`), in words too. */
export const describeAccess = (app: INestApplicationContext, document: OpenAPIObject): void => {
  for (const route of declaredRoutes(app)) {
    const { path, need, isChannelAware, isLocationAware } = route;
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete' | 'patch';
    const operation = document.paths[path]?.[method];
    if (!operation) continue;
    operation.description = [operation.description, wordsOf(route)].filter(Boolean).join('\n\n');
    Object.assign(operation, {
      'x-needs': need,
      'x-channel-aware': isChannelAware,
      'x-location-aware': isLocationAware,
    });
    if (need === 'public') {
      operation.security = [];
      continue;
    }
    operation.responses['401'] ??= { description: 'No valid key or token', content: PROBLEM };
    if (need !== 'any-key')
      operation.responses['403'] ??= { description: `Not allowed: ${need}`, content: PROBLEM };
    operation.responses['429'] ??= {
      description: 'Too many requests; `Retry-After` says when to come back',
      content: PROBLEM,
    };
  }
};
