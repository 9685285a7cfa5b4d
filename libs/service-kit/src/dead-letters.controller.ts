import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { EmbeddedBus, ParkedMessage } from '@throughline/messaging';
import { pageOf, pageRequest, type Page } from './paging.js';
import { notFound } from './problem.js';

export const PARKING = Symbol('parked messages by service');
export type ServiceParking = { readonly service: string; readonly bus: EmbeddedBus };

/** Messages that a service could not handle: see them, handle them again, or drop them. */
@Controller('v1/:service/dead-letters')
export class DeadLettersController {
  constructor(@Inject(PARKING) private readonly parking: readonly ServiceParking[]) {}

  @Get()
  async list(
    @Param('service') service: string,
    @Query() query: { limit?: string; cursor?: string },
  ): Promise<Page<ParkedMessage>> {
    const { limit, after } = pageRequest(query);
    const parked = await this.#bus(service).parking.list(limit + 1, Number(after?.[0] ?? 0));
    return pageOf(
      parked,
      limit,
      ({ parkedId }) => [parkedId],
      (message) => message,
    );
  }

  @Post(':parkedId/replay')
  @HttpCode(200)
  async replay(@Param('service') service: string, @Param('parkedId') parkedId: string) {
    return { replayed: await this.#bus(service).replay(await this.#existing(service, parkedId)) };
  }

  @Post(':parkedId/discard')
  @HttpCode(204)
  async discard(@Param('service') service: string, @Param('parkedId') parkedId: string) {
    await this.#bus(service).discard(await this.#existing(service, parkedId));
  }

  async #existing(service: string, parkedId: string): Promise<number> {
    const id = Number(parkedId);
    const parked = Number.isSafeInteger(id) && (await this.#bus(service).parking.get(id));
    if (!parked) throw notFound('parked message', parkedId);
    return id;
  }

  #bus(service: string): EmbeddedBus {
    const found = this.parking.find((candidate) => candidate.service === service);
    if (!found) throw notFound('service', service);
    return found.bus;
  }
}
