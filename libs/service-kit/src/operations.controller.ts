import { Body, Controller, Get, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { KnownId, OneOf, Optional, Text, TOPICS, type Topic } from '@throughline/contracts';
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
import { ConfirmationBody } from './confirmation.js';
import { consistencyController, type Checked } from './consistency.controller.js';
import { logController } from './log.controller.js';
import {
  CurrentCaller,
  OperationLog,
  type Caller,
  type CarriedOut,
  type Planned,
} from './operation-log.js';
import { invalidRequest, notFound, ProblemException } from './problem.js';
import {
  projectionsController,
  retiredRowsController,
  type Projected,
} from './projections.controller.js';
import { valid } from './request.js';
import { oncePerKeyIn } from './request-keys.js';
import { setAsideController } from './set-aside.controller.js';
import type { RunningService } from './running-service.js';

/** One request publishes again for so long; its answer says from where the next one goes on. */
const REPUBLISH_MS = 3_000;
/** How much earlier than the oldest waiting message a skipped part is read again from. */
const SPARE_SECONDS = 60;
const POSITION = /^\d{1,19}$/;
/** Positions are 64-bit integers with a sign. */
const POSITION_MAX = 2n ** 63n - 1n;

/** What the operating routes of a service work on. */
export type Operated = Projected &
  Checked & {
    readonly operations: OperationLog;
    readonly now: () => string;
    /** What it publishes. */
    readonly topics: readonly Topic[];
    readonly bus: Pick<MessageBus, 'move' | 'readers'>;
    /** Undefined where readers read the log itself. */
    readonly relay: Pick<Relay, 'republish'> | undefined;
  };

export class ReaderPath {
  @KnownId(200) group!: string;
}

export class ReaderMoveBody extends ConfirmationBody {
  /** `start`, `end`, or a time (ISO 8601). */
  @Text() to!: string;
}

export class RepublishBody extends ConfirmationBody {
  @OneOf(TOPICS) topic!: Topic;
  /** The reader that gets them; nobody else sees them. */
  @KnownId(200) group!: string;
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

const effectOf = ({ topic, partition, from, to, messages }: ReaderMove): string => {
  const place = partition === null ? topic : `${topic}/${partition}`;
  const count = messages === null ? 'what is between' : `${Math.abs(messages)} messages`;
  const ahead = BigInt(to) - BigInt(from);
  if (ahead === 0n) return `${place}: nothing changes`;
  return ahead < 0n
    ? `${place}: ${count} come again, from ${to} instead of ${from}`
    : `${place}: ${count} are skipped and never handled, up to ${to} instead of ${from}`;
};

/** How to have handled what a reader skips, or that nothing is lost. */
const wayBackOf = (reader: ReaderStatus, moves: readonly ReaderMove[], now: string): string => {
  if (!moves.some(({ from, to }) => BigInt(to) > BigInt(from)))
    return 'Nothing is lost: what comes again has no effect twice';
  const { lagSeconds } = reader;
  const since =
    lagSeconds === null
      ? 'start'
      : new Date(Date.parse(now) - (lagSeconds + SPARE_SECONDS) * 1_000).toISOString();
  return `Reset it to ${since}: what was skipped is handled then, and what was handled has no effect twice`;
};

/** How far a service's readers are, and where they go on. */
const readersController = ({ service, bus, operations, database, now }: Operated): Type => {
  @Controller(`v1/${service}/consumers`)
  @oncePerKeyIn(database)
  class ReadersController {
    @Get()
    @Needs('operations:read')
    async list(): Promise<{ items: readonly ReaderStatus[]; nextCursor: null }> {
      return { items: await bus.readers(), nextCursor: null };
    }

    /**
     * Has a reader go on elsewhere. What comes again has no effect twice where its effects are still there; what is
     * skipped is never handled. Confirmed by the reader's name.
     */
    @Post(':group/reset')
    @Needs('operations:write')
    @HttpCode(200)
    async reset(
      @Param(valid(ReaderPath)) { group }: ReaderPath,
      @Body(valid(ReaderMoveBody)) body: ReaderMoveBody,
      @CurrentCaller() caller: Caller,
    ): Promise<(Planned | CarriedOut) & { group: string; moves: readonly ReaderMove[] }> {
      const to = targetOf(body.to);
      const reader = (await bus.readers()).find((one) => one.group === group);
      if (!reader) throw notFound('consumer', group);
      const moves = await bus.move({ group, to, dryRun: true });
      const plan = {
        operation: 'reset-consumer',
        subject: group,
        effects: moves.map(effectOf),
        wayBack: wayBackOf(reader, moves, now()),
      };
      const asked = { confirmation: body, caller, status: 200 };
      const done = await operations.run(plan, asked, async () => ({
        moves: await bus.move({ group, to }),
      }));
      return { group, moves, ...done };
    }
  }
  return ReadersController;
};

/** Publishing again what a service has published, for one reader. */
const relayController = (operated: Operated): Type => {
  const { service, relay, topics, operations, store, database } = operated;

  @Controller(`v1/${service}/relay`)
  @oncePerKeyIn(database)
  class RelayController {
    /**
     * Publishes into the replay topic of one group, for some seconds; go on with `from` = the answer's `position`
     * until it is `to`. Confirmed by the group's name.
     */
    @Post('republish')
    @Needs('operations:write')
    @HttpCode(200)
    async republish(
      @Body(valid(RepublishBody)) body: RepublishBody,
      @CurrentCaller() caller: Caller,
    ): Promise<Planned | (CarriedOut & Republished)> {
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
      const end = to ?? (await store.head()).toString();
      const plan = {
        operation: 'republish',
        subject: group,
        effects: [`${group} alone gets ${topic} again, of events ${from ?? 0} to ${end}`],
        wayBack: 'Nothing is lost: what comes again has no effect twice',
      };
      try {
        return await operations.run(plan, { confirmation: body, caller, status: 200 }, () =>
          relay.republish({ topic, group, limitMs: REPUBLISH_MS, ...place }),
        );
      } catch (error) {
        if (error instanceof UnknownReaderError) throw notFound(`reader of ${topic}`, group);
        throw error;
      }
    }
  }
  return RelayController;
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
  operations: new OperationLog(runtime.database, runtime.now),
  now: runtime.now,
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
  retiredRowsController(operated),
  setAsideController(operated),
  consistencyController(operated),
];
