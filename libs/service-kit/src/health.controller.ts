import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { errorText } from '@throughline/event-store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from './access.js';

export const HEALTH = Symbol('health');
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
  } catch (error) {
    return [name, wordsOf(errorText(error))];
  }
};

/** Whether the process can serve, and how each part of it stands. */
export type Readiness = {
  readonly status: 'up' | 'down';
  readonly parts: Readonly<Record<string, string>>;
};

export const readinessOf = async (checks: readonly HealthCheck[]): Promise<Readiness> => {
  const parts = Object.fromEntries(await Promise.all(checks.map(ready)));
  const isDown = Object.values(parts).some((part) => part.startsWith(DOWN));
  return { status: isDown ? DOWN : 'up', parts };
};

export type Health = {
  readonly checks: () => readonly HealthCheck[];
  /** Who asks may hear what is wrong, and not only that something is. */
  readonly mayHearParts: (request: FastifyRequest) => boolean;
};

/** Liveness asks nothing of others; readiness says whether it can serve. */
@Controller('health')
@Public()
export class HealthController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Pick<Readiness, 'status'> & Partial<Readiness>> {
    const { status, parts } = await readinessOf(this.health.checks());
    void reply.status(status === 'up' ? 200 : 503);
    return this.health.mayHearParts(request) ? { status, parts } : { status };
  }
}
