import { Controller, Get, HttpCode, Param, Post, Query, Res, type Type } from '@nestjs/common';
import { Optional, Text } from '@throughline/contracts';
import type { DeadLetters, ParkedMessage } from '@throughline/messaging';
import type { FastifyReply } from 'fastify';
import { Needs } from './access.js';
import { pageOf, PageQuery, pageRequest, sortValues, type Page } from './paging.js';
import { valid } from './request.js';
import { notFound, ProblemException } from './problem.js';

export class DeadLetterQuery extends PageQuery {
  @Optional() @Text() group?: string;
  @Optional() @Text() key?: string;
  @Optional() @Text() type?: string;
}

const replayFailed = (replayed: number, detail: string): ProblemException =>
  new ProblemException({
    code: 'replay-failed',
    title: 'A message failed again; it and those behind it stay parked',
    status: 409,
    detail,
    replayed,
  });

/**
 * The routes for messages that a service could not handle: see them, handle them again, or drop them. Each
 * service has its own, because a fixed path wins over another service's `/v1/returns/{id}`.
 */
export const deadLettersController = (service: string, deadLetters: DeadLetters): Type => {
  const existing = async (parkedId: string): Promise<ParkedMessage> => {
    const id = Number(parkedId);
    const parked = Number.isSafeInteger(id) && (await deadLetters.get(id));
    if (!parked) throw notFound('parked message', parkedId);
    return parked;
  };

  @Controller(`v1/${service}/dead-letters`)
  class DeadLettersController {
    @Get()
    @Needs('dead-letters:read')
    async list(
      @Query(valid(DeadLetterQuery)) query: DeadLetterQuery,
    ): Promise<Page<ParkedMessage>> {
      const { limit, after } = pageRequest(query);
      const [afterId] = after ? sortValues(after, ['int8']) : [0];
      const parked = await deadLetters.list(limit + 1, afterId, query);
      return pageOf(
        parked,
        limit,
        ({ parkedId }) => [parkedId],
        (message) => message,
      );
    }

    @Get(':parkedId')
    @Needs('dead-letters:read')
    show(@Param('parkedId') parkedId: string): Promise<ParkedMessage> {
      return existing(parkedId);
    }

    /**
     * Has a message and all that wait behind it handled again, in order. 200 when all went through, 409 with the reason when one
     * failed again, 202 when no process that reads that key has taken it up yet.
     */
    @Post(':parkedId/replay')
    @Needs('dead-letters:resolve')
    @HttpCode(200)
    async replay(
      @Param('parkedId') parkedId: string,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<{ replayed: number; waiting?: number }> {
      const answer = await deadLetters.requestReplay((await existing(parkedId)).parkedId);
      if (answer.outcome === 'failed') throw replayFailed(answer.replayed, answer.error);
      if (answer.outcome === 'replayed') return { replayed: answer.replayed };
      reply.status(202);
      return { replayed: answer.replayed, waiting: answer.waiting };
    }

    @Post(':parkedId/discard')
    @Needs('dead-letters:resolve')
    @HttpCode(204)
    async discard(@Param('parkedId') parkedId: string): Promise<void> {
      await deadLetters.discard((await existing(parkedId)).parkedId);
    }
  }
  return DeadLettersController;
};
