import { Controller, Get, HttpCode, Param, Post, Query, type Type } from '@nestjs/common';
import type { EmbeddedBus, ParkedMessage } from '@throughline/messaging';
import { Needs } from './access.js';
import { invalidCursor, pageOf, pageRequest, type Page } from './paging.js';
import { notFound } from './problem.js';

/**
 * The routes for messages that a service could not handle: see them, handle them again, or drop them. Each
 * service has its own, because a fixed path wins over another service's `/v1/returns/{id}`.
 */
export const deadLettersController = (service: string, bus: EmbeddedBus): Type => {
  const existing = async (parkedId: string): Promise<number> => {
    const id = Number(parkedId);
    const parked = Number.isSafeInteger(id) && (await bus.parking.get(id));
    if (!parked) throw notFound('parked message', parkedId);
    return id;
  };

  @Controller(`v1/${service}/dead-letters`)
  class DeadLettersController {
    @Get()
    @Needs('dead-letters:read')
    async list(@Query() query: { limit?: string; cursor?: string }): Promise<Page<ParkedMessage>> {
      const { limit, after } = pageRequest(query);
      const [afterId = 0] = after ?? [];
      if (!Number.isSafeInteger(afterId)) throw invalidCursor();
      const parked = await bus.parking.list(limit + 1, afterId as number);
      return pageOf(
        parked,
        limit,
        ({ parkedId }) => [parkedId],
        (message) => message,
      );
    }

    @Post(':parkedId/replay')
    @Needs('dead-letters:resolve')
    @HttpCode(200)
    async replay(@Param('parkedId') parkedId: string): Promise<{ replayed: number }> {
      return { replayed: await bus.replay(await existing(parkedId)) };
    }

    @Post(':parkedId/discard')
    @Needs('dead-letters:resolve')
    @HttpCode(204)
    async discard(@Param('parkedId') parkedId: string): Promise<void> {
      await bus.discard(await existing(parkedId));
    }
  }
  return DeadLettersController;
};
