import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  type Type,
} from '@nestjs/common';
import { KnownId } from '@throughline/contracts';
import type { EventStore } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import {
  cancelRebuild,
  dropRetired,
  projectionStatuses,
  requestRebuild,
  rollBack,
  type Projection,
  type ProjectionStatus,
} from '@throughline/read-model';
import { Needs } from './access.js';
import { ConfirmationBody, ConfirmationQuery, type Plan } from './confirmation.js';
import {
  CurrentCaller,
  type Asked,
  type Caller,
  type CarriedOut,
  type OperationLog,
  type Planned,
} from './operation-log.js';
import { notFound, ProblemException } from './problem.js';
import { valid } from './request.js';
import { oncePerKeyIn } from './request-keys.js';

export type Projected = {
  /** As in its routes, for example `order-capture`. */
  readonly service: string;
  readonly database: Database;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
};
type Logged = Projected & { readonly operations: OperationLog };

export class ProjectionPath {
  @KnownId() name!: string;
}

const conflict = (code: string, title: string): ProblemException =>
  new ProblemException({ code, title, status: 409 });

type ProjectionAnswer = ProjectionStatus & (Planned | CarriedOut);
type Outlook = Pick<Plan, 'effects' | 'wayBack'>;

const keptAside = ({ retired }: ProjectionStatus): string =>
  retired ? `the rows of version ${retired.version} that are kept aside` : 'nothing: none are kept';

/** What each operation on a read model would do, and how to undo it. */
const OPERATIONS = {
  rebuild: (status: ProjectionStatus): Outlook => ({
    effects: [
      'Makes the rows from all events beside those that serve, then changes over',
      ...(status.retired ? [`Drops ${keptAside(status)}`] : []),
    ],
    wayBack: 'Until it is done: DELETE .../rebuild. Then: POST .../rollback brings these rows back',
  }),
  'cancel-rebuild': ({ rebuild }: ProjectionStatus): Outlook => ({
    effects: [
      rebuild?.phase === 'building' || rebuild?.phase === 'waiting'
        ? `Gives up a rebuild that is at ${rebuild.position}; the rows that serve stay`
        : 'Nothing: no rebuild is under way',
    ],
    wayBack: 'POST .../rebuild begins it again',
  }),
  'roll-back': (status: ProjectionStatus): Outlook => ({
    effects: [
      `Serves ${keptAside(status)}, which catch up`,
      ...(status.retired ? ['Drops the rows that serve now'] : []),
    ],
    wayBack: 'POST .../rebuild makes the rows of this release again',
  }),
  'drop-retired': (status: ProjectionStatus): Outlook => ({
    effects: [`Drops ${keptAside(status)}`],
    wayBack: 'None: these rows are gone. The rows that serve can be made again by POST .../rebuild',
  }),
};

/** What is done to one read model. Throws `notFound` where there is none of that name. */
const projectionOperations = ({ service, database, store, projections, operations }: Logged) => {
  const named = (name: string): Projection => {
    const projection = projections.find((one) => one.name === name);
    if (!projection) throw notFound('projection', name);
    return projection;
  };
  const statusOf = async (name: string): Promise<ProjectionStatus> =>
    (await projectionStatuses(database, store, [named(name)]))[0]!;

  const run = async (
    operation: keyof typeof OPERATIONS,
    { name, ...asked }: Asked & { readonly name: string },
    work: (projection: Projection) => Promise<unknown>,
  ): Promise<ProjectionAnswer> => {
    const before = await statusOf(name);
    const plan = { operation, subject: `${service}/${name}`, ...OPERATIONS[operation](before) };
    const done = await operations.run(plan, asked, async () => {
      await work(named(name));
      return statusOf(name);
    });
    return { ...before, ...done };
  };
  return { statusOf, run };
};

/** A service's read models: how they stand, and building them anew while they serve. */
export const projectionsController = (logged: Logged): Type => {
  const { service, database, store, projections } = logged;
  const { statusOf, run } = projectionOperations(logged);

  @Controller(`v1/${service}/projections`)
  @oncePerKeyIn(database)
  class ProjectionsController {
    @Get()
    @Needs('operations:read')
    async list(): Promise<{ items: readonly ProjectionStatus[]; nextCursor: null }> {
      return { items: await projectionStatuses(database, store, projections), nextCursor: null };
    }

    /** How its rebuild gets on, or how the last one went. */
    @Get(':name/rebuild')
    @Needs('operations:read')
    status(@Param(valid(ProjectionPath)) { name }: ProjectionPath): Promise<ProjectionStatus> {
      return statusOf(name);
    }

    /** Builds the rows anew beside those that serve, and changes over. One that is under way goes on. */
    @Post(':name/rebuild')
    @Needs('operations:write')
    @HttpCode(200)
    rebuild(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
      @Body(valid(ConfirmationBody)) confirmation: ConfirmationBody,
      @CurrentCaller() caller: Caller,
    ): Promise<ProjectionAnswer> {
      return run('rebuild', { name, confirmation, caller, status: 202 }, () =>
        requestRebuild(database, name),
      );
    }

    /** Gives a rebuild up. The rows that serve stay as they are. */
    @Delete(':name/rebuild')
    @Needs('operations:write')
    @HttpCode(200)
    cancel(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
      @Query(valid(ConfirmationQuery)) confirmation: ConfirmationQuery,
      @CurrentCaller() caller: Caller,
    ): Promise<ProjectionAnswer> {
      return run('cancel-rebuild', { name, confirmation, caller, status: 200 }, (one) =>
        cancelRebuild(database, one),
      );
    }
  }
  return ProjectionsController;
};

/** The rows of before a read model's last rebuild: bringing them back, or giving their space back. */
export const retiredRowsController = (logged: Logged): Type => {
  const { service, database } = logged;
  const { run } = projectionOperations(logged);

  @Controller(`v1/${service}/projections`)
  @oncePerKeyIn(database)
  class RetiredRowsController {
    /** Brings the rows of before the last rebuild back; they catch up from where they stood. */
    @Post(':name/rollback')
    @Needs('operations:write')
    @HttpCode(200)
    rollBack(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
      @Body(valid(ConfirmationBody)) confirmation: ConfirmationBody,
      @CurrentCaller() caller: Caller,
    ): Promise<ProjectionAnswer> {
      return run('roll-back', { name, confirmation, caller, status: 200 }, async (one) => {
        const outcome = await rollBack(database, one);
        if (outcome === 'nothing-kept')
          throw conflict('nothing-kept', 'There are no rows of before a rebuild to bring back');
        if (outcome === 'rebuilding')
          throw conflict('rebuilding', 'A rebuild is under way: cancel it first');
      });
    }

    /** Drops the rows of before the last rebuild; there is no rollback after that. */
    @Delete(':name/retired')
    @Needs('operations:write')
    @HttpCode(200)
    drop(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
      @Query(valid(ConfirmationQuery)) confirmation: ConfirmationQuery,
      @CurrentCaller() caller: Caller,
    ): Promise<ProjectionAnswer> {
      return run('drop-retired', { name, confirmation, caller, status: 200 }, (one) =>
        dropRetired(database, one),
      );
    }
  }
  return RetiredRowsController;
};
