import { Body, Controller, Get, HttpCode, Post, Query, type Type } from '@nestjs/common';
import { Id, Optional } from '@throughline/contracts';
import type { EventStore } from '@throughline/event-store';
import { Needs } from './access.js';
import { ConfirmationBody } from './confirmation.js';
import {
  CurrentCaller,
  type Caller,
  type CarriedOut,
  type Operation,
  type Planned,
} from './operation-log.js';
import { PageQuery, pageRequest, type Page } from './paging.js';
import { invalidRequest } from './problem.js';
import type { Operated } from './operations.controller.js';
import { valid } from './request.js';
import { oncePerKeyIn } from './request-keys.js';

const BEGIN = 'begin-epoch';

export class EpochBody extends ConfirmationBody {
  /** One that was ended here: whoever has read it goes on where it stood. A new one where left out. */
  @Optional() @Id() epoch?: string | null;
}

type Restorable = EventStore & { beginEpoch(epoch?: string): Promise<string> };

/** Both adapters are; a log that lives in a test's memory need not be. */
const isRestorable = (store: EventStore): store is Restorable => 'beginEpoch' in store;

/** What to do with a service's log itself, and what people did to the service. */
export const logController = (operated: Operated): Type => {
  const { service, store, operations, projections, topics, database } = operated;
  const stops = [
    ...projections.map(({ name }) => `the read model ${service}/${name}`),
    ...topics.map((topic) => `every reader of ${topic}`),
  ].join(', ');

  @Controller(`v1/${service}`)
  @oncePerKeyIn(database)
  class LogController {
    /**
     * Says that this log was restored: every reader and read model that has read the one before stops and says so.
     * For the runbook of a restore; at any other time it only stops things. Confirmed by naming the epoch that ends.
     */
    @Post('log/epochs')
    @Needs('operations:write')
    @HttpCode(200)
    async begin(
      @Body(valid(EpochBody)) body: EpochBody,
      @CurrentCaller() caller: Caller,
    ): Promise<Planned | (CarriedOut & { readonly epoch: string; readonly before: string })> {
      if (!isRestorable(store)) throw new Error(`The log of ${service} cannot be restored`);
      const before = await store.epoch();
      const epoch = body.epoch ?? undefined;
      if (epoch !== undefined && !(await operations.subjectsOf(BEGIN)).has(epoch))
        throw invalidRequest([
          { field: 'epoch', code: 'epoch', message: 'must be one that was ended by this route' },
        ]);
      const plan = {
        operation: epoch === undefined ? BEGIN : 'return-to-epoch',
        subject: before,
        effects: [
          `Stops ${stops || 'every reader'}, until each is rebuilt or moved; /health/ready is 503 while a read model stands`,
          ...(epoch === undefined
            ? []
            : [`Whoever has read epoch ${epoch} goes on where it stood`]),
        ],
        wayBack: `POST /v1/${service}/log/epochs {"epoch":"${before}"}, confirmed and with a reason: whoever stopped goes on where it stood`,
      };
      const asked = { confirmation: body, caller, status: 201 };
      return operations.run(plan, asked, async () => ({
        epoch: await store.beginEpoch(epoch),
        before,
      }));
    }

    /** What people did to this service by its operating routes, and why, newest first. */
    @Get('operations')
    @Needs('operations:read')
    list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<Operation>> {
      return operations.list(pageRequest(query));
    }
  }
  return LogController;
};
