import { Body, Controller, Get, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { Flag, Id, OneOf, Optional, Text, TOPICS, type Topic } from '@throughline/contracts';
import type { EventStore } from '@throughline/event-store';
import { instantOf } from '@throughline/kernel';
import {
  UnknownReaderError,
  type MessageBus,
  type ReaderMove,
  type ReaderStatus,
  type ReaderTarget,
  type Relay,
  type Republished,
} from '@throughline/messaging';
import { Needs } from './access.js';
import { consistencyController, type Checked } from './consistency.controller.js';
import { invalidRequest, notFound, ProblemException } from './problem.js';
import { projectionsController, type Projected } from './projections.controller.js';
import { valid } from './request.js';
import { setAsideController } from './set-aside.controller.js';
import type { RunningService } from './running-service.js';

/** One request publishes again for so long; its answer says from where the next one goes on. */
const REPUBLISH_MS = 3_000;
const POSITION = /^\d{1,19}$/;
/** Positions are 64-bit integers with a sign. */
const POSITION_MAX = 2n ** 63n - 1n;

/** What the operating routes of a service work on. */
export type Operated = Projected &
  Checked & {
    /** What it publishes. */
    readonly topics: readonly Topic[];
    readonly bus: Pick<MessageBus, 'move' | 'readers'>;
    /** Undefined where readers read the log itself. */
    readonly relay: Pick<Relay, 'republish'> | undefined;
  };

export class ReaderPath {
  @Id(200) group!: string;
}

export class ReaderMoveBody {
  /** `start`, `end`, or a time (ISO 8601). */
  @Text() to!: string;
  /** Only say what would come again or be skipped. */
  @Optional() @Flag() dryRun?: boolean | null;
}

export class RepublishBody {
  @OneOf(TOPICS) topic!: Topic;
  /** The reader that gets them; nobody else sees them. */
  @Id(200) group!: string;
  /** Events after this position of the service's store; all where left out. */
  @Optional() @Text() from?: string | null;
  /** Up to this one and with it; all where left out. */
  @Optional() @Text() to?: string | null;
}

const targetOf = (to: string): ReaderTarget => {
  if (to === 'start' || to === 'end') return to;
  // Seconds may be left out.
  const time = instantOf(to) ?? instantOf(to.replace(/(T\d{2}:\d{2})(?=Z|[+-])/, '$1:00'));
  if (time !== undefined) return { time };
  throw invalidRequest([
    { field: 'to', code: 'target', message: 'must be start, end or a time like 2026-11-01T10:00Z' },
  ]);
};

const positionIn = (field: string, value: string | null | undefined): string | undefined => {
  if (value === null || value === undefined) return undefined;
  if (POSITION.test(value) && BigInt(value) <= POSITION_MAX) return value;
  throw invalidRequest([
    { field, code: 'position', message: "must be a position of the service's store, in digits" },
  ]);
};

/** How far a service's readers are, and where they go on. */
const readersController = ({ service, bus }: Operated): Type => {
  @Controller(`v1/${service}/consumers`)
  class ReadersController {
    @Get()
    @Needs('operations:read')
    async list(): Promise<{ items: readonly ReaderStatus[]; nextCursor: null }> {
      return { items: await bus.readers(), nextCursor: null };
    }

    /**
     * Has a reader go on elsewhere. What comes again has no effect twice where its effects are still there; what is
     * skipped is never handled. Try `dryRun` first.
     */
    @Post(':group/reset')
    @Needs('operations:write')
    @HttpCode(200)
    async reset(
      @Param(valid(ReaderPath)) { group }: ReaderPath,
      @Body(valid(ReaderMoveBody)) body: ReaderMoveBody,
    ): Promise<{ group: string; dryRun: boolean; moves: readonly ReaderMove[] }> {
      const to = targetOf(body.to);
      const readers = await bus.readers();
      if (!readers.some((reader) => reader.group === group)) throw notFound('consumer', group);
      const dryRun = body.dryRun ?? false;
      return { group, dryRun, moves: await bus.move({ group, to, dryRun }) };
    }
  }
  return ReadersController;
};

/** Publishing again what a service has published, for one reader. */
const relayController = ({ service, relay, topics }: Operated): Type => {
  @Controller(`v1/${service}/relay`)
  class RelayController {
    /**
     * Publishes into the replay topic of one group, for some seconds; go on with `from` = the answer's `position`
     * until it is `to`.
     */
    @Post('republish')
    @Needs('operations:write')
    @HttpCode(200)
    async republish(@Body(valid(RepublishBody)) body: RepublishBody): Promise<Republished> {
      const from = positionIn('from', body.from);
      const to = positionIn('to', body.to);
      if (!topics.includes(body.topic))
        throw invalidRequest([
          {
            field: 'topic',
            code: 'topic',
            message: `must be one that ${service} publishes: ${topics.join(', ') || 'it has none'}`,
          },
        ]);
      if (!relay)
        throw new ProblemException({
          code: 'no-relay',
          title: 'Without a broker readers read the log itself: reset the consumer instead',
          status: 409,
        });
      const { topic, group } = body;
      const place = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      try {
        return await relay.republish({ topic, group, limitMs: REPUBLISH_MS, ...place });
      } catch (error) {
        if (error instanceof UnknownReaderError) throw notFound(`reader of ${topic}`, group);
        throw error;
      }
    }
  }
  return RelayController;
};

/** Both adapters are; a log that lives in a test's memory need not be. */
const isRestorable = (store: EventStore): store is EventStore & { beginEpoch(): Promise<string> } =>
  'beginEpoch' in store;

/** What to do with a service's log itself. */
const logController = ({ service, store }: Operated): Type => {
  @Controller(`v1/${service}/log`)
  class LogController {
    /**
     * Says that this log was restored: every reader and read model that has read the one before stops and says so.
     * For the runbook of a restore; at any other time it only stops things.
     */
    @Post('epochs')
    @Needs('operations:write')
    @HttpCode(201)
    async begin(): Promise<{ epoch: string }> {
      if (!isRestorable(store)) throw new Error(`The log of ${service} cannot be restored`);
      return { epoch: await store.beginEpoch() };
    }
  }
  return LogController;
};

/** What the operating routes of a running service work on. */
export const operatedBy = ({
  definition,
  runtime,
  parts,
  bus,
  relay,
}: RunningService): Operated => ({
  service: definition.name,
  database: runtime.database,
  store: runtime.store,
  projections: parts.projections,
  checks: parts.checks ?? [],
  topics: definition.publishers.map(({ topic }) => topic),
  bus,
  relay,
});

/** The routes by which people look after a running service; each service has its own, below `/v1/<service>`. */
export const operationsControllers = (operated: Operated): Type[] => [
  readersController(operated),
  relayController(operated),
  logController(operated),
  projectionsController(operated),
  setAsideController(operated),
  consistencyController(operated),
];
