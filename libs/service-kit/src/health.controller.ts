import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './access.js';

export const HEALTH = Symbol('health checks');
/** It serves all the same, and says what is wrong: taking it out of service would stop more than that. */
export type Degraded = { readonly degraded: string };

/** True when all is well; a text says why it is not, and what to do. */
export type HealthCheck = {
  readonly name: string;
  readonly check: () => Promise<boolean | string | Degraded>;
};

const DOWN = 'down';
const wordsOf = (answer: boolean | string | Degraded): string => {
  if (typeof answer === 'object') return `degraded: ${answer.degraded}`;
  if (typeof answer === 'string') return `${DOWN}: ${answer}`;
  return answer ? 'up' : DOWN;
};

const ready = async ({ name, check }: HealthCheck): Promise<[string, string]> => {
  try {
    return [name, wordsOf(await check())];
  } catch {
    return [name, DOWN];
  }
};

/** Liveness asks nothing of others; readiness says which part cannot serve, or serves old rows. */
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
    const status = Object.values(parts).some((part) => part.startsWith(DOWN)) ? DOWN : 'up';
    void reply.status(status === 'up' ? 200 : 503);
    return { status, parts };
  }
}
