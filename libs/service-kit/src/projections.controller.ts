import { Controller, Delete, Get, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { Id } from '@throughline/contracts';
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
import { notFound, ProblemException } from './problem.js';
import { valid } from './request.js';

export type Projected = {
  /** As in its routes, for example `order-capture`. */
  readonly service: string;
  readonly database: Database;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
};

export class ProjectionPath {
  @Id() name!: string;
}

const conflict = (code: string, title: string): ProblemException =>
  new ProblemException({ code, title, status: 409 });

/** A service's read models: how they stand, and building them anew while they serve. */
export const projectionsController = (projected: Projected): Type => {
  const { service, database, store, projections } = projected;
  const named = (name: string): Projection => {
    const projection = projections.find((one) => one.name === name);
    if (!projection) throw notFound('projection', name);
    return projection;
  };
  const statusOf = async (name: string): Promise<ProjectionStatus> =>
    (await projectionStatuses(database, store, [named(name)]))[0]!;

  @Controller(`v1/${service}/projections`)
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
    @HttpCode(202)
    async rebuild(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
    ): Promise<ProjectionStatus> {
      await requestRebuild(database, named(name).name);
      return statusOf(name);
    }

    /** Gives a rebuild up. The rows that serve stay as they are. */
    @Delete(':name/rebuild')
    @Needs('operations:write')
    @HttpCode(204)
    async cancel(@Param(valid(ProjectionPath)) { name }: ProjectionPath): Promise<void> {
      await cancelRebuild(database, named(name));
    }

    /** Brings the rows of before the last rebuild back; they catch up from where they stood. */
    @Post(':name/rollback')
    @Needs('operations:write')
    @HttpCode(200)
    async rollBack(
      @Param(valid(ProjectionPath)) { name }: ProjectionPath,
    ): Promise<ProjectionStatus> {
      const outcome = await rollBack(database, named(name));
      if (outcome === 'nothing-kept')
        throw conflict('nothing-kept', 'There are no rows of before a rebuild to bring back');
      if (outcome === 'rebuilding')
        throw conflict('rebuilding', 'A rebuild is under way: cancel it first');
      return statusOf(name);
    }

    /** Drops the rows of before the last rebuild; there is no rollback after that. */
    @Delete(':name/retired')
    @Needs('operations:write')
    @HttpCode(204)
    async drop(@Param(valid(ProjectionPath)) { name }: ProjectionPath): Promise<void> {
      await dropRetired(database, named(name));
    }
  }
  return ProjectionsController;
};
