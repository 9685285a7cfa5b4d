import { Body, Controller, Get, HttpCode, Post, Res, type Type } from '@nestjs/common';
import { KnownId, Optional } from '@throughline/contracts';
import { requestRetry, retryStream, streamsAside, type SetAside } from '@throughline/read-model';
import type { FastifyReply } from 'fastify';
import { Needs } from './access.js';
import { notFound, ProblemException } from './problem.js';
import type { Projected } from './projections.controller.js';
import { valid } from './request.js';
import { oncePerKeyIn } from './request-keys.js';

export class RetryBody {
  @KnownId() projection!: string;
  /** One stream; all of the projection where left out. */
  @Optional() @KnownId(500) stream?: string | null;
}

/** Thrown where a retry was tried and failed again. */
export const retryFailed = (stream: string, detail: string): ProblemException =>
  new ProblemException({
    code: 'retry-failed',
    title: `${stream} failed again and stays set aside`,
    status: 409,
    detail,
  });

/** The streams that a service's read models could not apply: see them, and have them taken up again. */
export const setAsideController = ({ service, database, projections }: Projected): Type => {
  @Controller(`v1/${service}/streams-set-aside`)
  @oncePerKeyIn(database)
  class SetAsideController {
    @Get()
    @Needs('operations:read')
    async list(): Promise<{ items: readonly SetAside[]; nextCursor: null }> {
      return { items: await streamsAside(database), nextCursor: null };
    }

    /**
     * Makes the rows of a stream again from all its events. 200 when it is in the rows, 409 with the reason when it failed again,
     * 202 when no worker has taken it up yet, or when all streams of a projection were asked for.
     */
    @Post('retry')
    @Needs('operations:write')
    @HttpCode(200)
    async retry(
      @Body(valid(RetryBody)) { projection, stream }: RetryBody,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<{ retried: number; requested: number }> {
      if (!projections.some(({ name }) => name === projection))
        throw notFound('projection', projection);
      if (stream === null || stream === undefined) {
        reply.status(202);
        return { retried: 0, requested: await requestRetry(database, projection) };
      }
      if ((await streamsAside(database, { projection, stream })).length === 0)
        throw notFound('stream set aside', stream);
      const answer = await retryStream(database, projection, stream);
      if (answer.outcome === 'failed') throw retryFailed(stream, answer.error);
      if (answer.outcome === 'pending') reply.status(202);
      return { retried: answer.outcome === 'retried' ? 1 : 0, requested: 1 };
    }
  }
  return SetAsideController;
};
