import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './access.js';

export const HEALTH = Symbol('health checks');
/** True when all is well; a text says why it is not, and what to do. */
export type HealthCheck = {
  readonly name: string;
  readonly check: () => Promise<boolean | string>;
};

const ready = async ({ name, check }: HealthCheck): Promise<[string, string]> => {
  try {
    const answer = await check();
    return [name, typeof answer === 'string' ? `down: ${answer}` : answer ? 'up' : 'down'];
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
