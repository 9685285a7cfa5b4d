import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  type Type,
} from '@nestjs/common';
import { KnownId, Optional } from '@throughline/contracts';
import type { DeadLetters, ParkedMessage } from '@throughline/messaging';
import type { FastifyReply } from 'fastify';
import { Needs } from './access.js';
import { ConfirmationBody } from './confirmation.js';
import { CurrentCaller, type Caller, type CarriedOut, type Planned } from './operation-log.js';
import type { Operated } from './operations.controller.js';
import { pageOf, PageQuery, pageRequest, sortValues, type Page } from './paging.js';
import { valid } from './request.js';
import { oncePerKeyIn } from './request-keys.js';
import { notFound, ProblemException } from './problem.js';

export class DeadLetterQuery extends PageQuery {
  @Optional() @KnownId() group?: string;
  @Optional() @KnownId(500) key?: string;
  @Optional() @KnownId() type?: string;
}

const replayFailed = (replayed: number, detail: string): ProblemException =>
  new ProblemException({
    code: 'replay-failed',
    title: 'A message failed again; it and those behind it stay parked',
    status: 409,
    detail,
    replayed,
  });

type Parking = Pick<Operated, 'service' | 'operations' | 'database'> & {
  readonly deadLetters: DeadLetters;
};

const parkedIn =
  (deadLetters: DeadLetters) =>
  async (parkedId: string): Promise<ParkedMessage> => {
    const id = Number(parkedId);
    const parked = Number.isSafeInteger(id) && (await deadLetters.get(id));
    if (!parked) throw notFound('parked message', parkedId);
    return parked;
  };

/**
 * The routes for messages that a service could not handle: see them, handle them again, or drop them. Each
 * service has its own, because a fixed path wins over another service's `/v1/returns/{id}`.
 */
export const deadLettersController = ({ service, deadLetters, database }: Parking): Type => {
  const existing = parkedIn(deadLetters);

  @Controller(`v1/${service}/dead-letters`)
  @oncePerKeyIn(database)
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
  }
  return DeadLettersController;
};

/** Giving parked messages up, and bringing them back. */
export const discardsController = (parking: Parking): Type => {
  const { service, deadLetters, operations, database } = parking;
  const existing = parkedIn(deadLetters);

  @Controller(`v1/${service}/dead-letters`)
  @oncePerKeyIn(database)
  class DiscardsController {
    /** Gives a message up: it is never handled, unless it is restored. Confirmed by `<service>/<number>`. */
    @Post(':parkedId/discard')
    @Needs('dead-letters:resolve')
    @HttpCode(200)
    async discard(
      @Param('parkedId') parkedId: string,
      @Body(valid(ConfirmationBody)) confirmation: ConfirmationBody,
      @CurrentCaller() caller: Caller,
    ): Promise<Planned | CarriedOut> {
      const parked = await existing(parkedId);
      const { group, key, message, holdsKey } = parked;
      const plan = {
        operation: 'discard',
        subject: `${service}/${parked.parkedId}`,
        effects: [
          `${group} never handles ${message?.type ?? 'this unreadable message'} of ${key}`,
          ...(holdsKey ? ['Where it is the last one parked of its key, the key flows again'] : []),
        ],
        wayBack: `POST /v1/${service}/dead-letters/${parked.parkedId}/restore parks it again; then replay it`,
      };
      const asked = { confirmation, caller, status: 200 };
      return operations.run(plan, asked, async () => {
        await deadLetters.discard(parked.parkedId);
        return {};
      });
    }

    /** Parks a discarded message again. Replay it next: until then later messages of its key wait behind it. */
    @Post(':parkedId/restore')
    @Needs('dead-letters:resolve')
    @HttpCode(200)
    async restore(@Param('parkedId') parkedId: string): Promise<ParkedMessage> {
      const id = Number(parkedId);
      if (!Number.isSafeInteger(id) || !(await deadLetters.restore(id)))
        throw notFound('discarded message', parkedId);
      return existing(parkedId);
    }
  }
  return DiscardsController;
};
