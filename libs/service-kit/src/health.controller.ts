import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './access.js';

export const HEALTH = Symbol('health checks');
export type HealthCheck = { readonly name: string; readonly check: () => Promise<boolean> };

const ready = async ({ name, check }: HealthCheck): Promise<[string, 'up' | 'down']> => {
  try {
    return [name, (await check()) ? 'up' : 'down'];
  } catch {
    return [name, 'down'];
  }
};

/** Liveness asks nothing of others; readiness says which part cannot serve. */
@Controller('health')
@Public()
export class HealthController {
  constructor(@Inject(HEALTH) private readonly checks: () => readonly HealthCheck[]) {}

  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const parts = Object.fromEntries(await Promise.all(this.checks().map(ready)));
    const status = Object.values(parts).every((part) => part === 'up') ? 'up' : 'down';
    void reply.status(status === 'up' ? 200 : 503);
    return { status, parts };
  }
}
