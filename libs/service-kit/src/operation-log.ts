import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { newId } from '@throughline/kernel';
import type { Database } from '@throughline/postgres';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest, Principal } from './access.js';
import {
  confirmedReason,
  type ConfirmationBody,
  type ConfirmationQuery,
  type Plan,
} from './confirmation.js';
import { pageOf, sortValues, type Page, type PageRequest } from './paging.js';

/** One thing that somebody did to a service by its operating routes. */
export type Operation = Plan & {
  readonly operationId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Id of the key, or of the token's holder. */
  readonly actor: string;
  readonly actorName: string;
  readonly reason: string;
  /** Null where it was refused, failed or broke off. */
  readonly result: unknown;
};

export type Planned = Plan & { readonly dryRun: true };
export type CarriedOut = Pick<Plan, 'operation' | 'subject' | 'wayBack'> & {
  readonly dryRun: false;
  readonly operationId: string;
};

/** Who asks, and the answer that it gets. */
export type Caller = { readonly principal: Principal; readonly reply: FastifyReply };

/** The caller of an operating route, as a controller's parameter. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => {
    const http = context.switchToHttp();
    const { principal } = http.getRequest<AuthenticatedRequest>();
    return { principal: principal!, reply: http.getResponse<FastifyReply>() };
  },
);

export type Asked = {
  readonly confirmation: ConfirmationBody | ConfirmationQuery;
  readonly caller: Caller;
  /** Of the answer once it is carried out; a plan is answered with 200. */
  readonly status: number;
};

type Row = Omit<Operation, 'at' | 'effects' | 'wayBack'> & {
  sequence: number;
  at: Date;
  plan: Plan;
};

const BEGIN = `
  insert into operations (operation_id, at, actor, actor_name, operation, subject, reason, plan)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`;
const END = 'update operations set result = $2 where operation_id = $1';
const LIST = `
  select sequence, operation_id as "operationId", at, actor, actor_name as "actorName", operation, subject, reason, plan, result
  from operations where sequence < $1 order by sequence desc limit $2`;

/**
 * What people do to one service, in its own schema: written before it is done, so that nothing is done unseen, also when
 * logs, brokers or other services are away, which is when people operate.
 */
export class OperationLog {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly now: () => string,
  ) {}

  /** Answers the plan, or carries it out where it is confirmed by name and with a reason. */
  async run<Result extends object>(
    plan: Plan,
    { confirmation, caller: { principal, reply }, status }: Asked,
    work: () => Promise<Result>,
  ): Promise<Planned | (CarriedOut & Result)> {
    const reason = confirmedReason(plan, confirmation);
    if (reason === undefined) {
      void reply.status(200);
      return { dryRun: true, ...plan };
    }
    const { operation, subject, wayBack } = plan;
    const operationId = newId();
    const who = [principal.id, principal.name];
    const what = [operation, subject, reason, JSON.stringify(plan)];
    await this.database.query(BEGIN, [operationId, this.now(), ...who, ...what]);
    const result = await work();
    await this.database.query(END, [operationId, JSON.stringify(result)]);
    void reply.status(status);
    return { dryRun: false, operationId, operation, subject, wayBack, ...result };
  }

  /** Newest first. */
  async list({ limit, after }: PageRequest): Promise<Page<Operation>> {
    const [last] = after ? sortValues(after, ['int8']) : [Number.MAX_SAFE_INTEGER];
    const rows = await this.database.query<Row>(LIST, [last, limit + 1]);
    return pageOf(
      rows,
      limit,
      ({ sequence }) => [sequence],
      ({ sequence, at, plan: { effects, wayBack }, ...row }) => {
        void sequence;
        return { ...row, at: at.toISOString(), effects, wayBack };
      },
    );
  }

  /** The subjects of an operation that were named here. */
  async subjectsOf(operation: string): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<{ subject: string }>(
      'select distinct subject from operations where operation = $1',
      [operation],
    );
    return new Set(rows.map(({ subject }) => subject));
  }
}
