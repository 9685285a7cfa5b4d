import { Body, Controller, Get, Inject, Param, Put, Query, Res } from '@nestjs/common';
import { isOrderlyId, KnownId, idFault } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  mayUseLocation,
  Needs,
  notFound,
  OncePerKey,
  PageQuery,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import type { Catalog } from './catalog.js';
import type { CatalogQuery } from './catalog.query.js';
import { CATALOG, CATALOG_QUERY } from './items.controller.js';
import {
  LocationBody,
  locationAnswer,
  locationFaults,
  locationOf,
  type LocationAnswer,
} from './location-body.js';

export class LocationPath {
  @KnownId() id!: string;
}

@Controller('v1/inventory/locations')
export class LocationsController {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CATALOG_QUERY) private readonly query: CatalogQuery,
  ) {}

  /** Sets what a location is and whether it takes part. Safe to repeat. */
  @Put(':id')
  @Needs('inventory:settings')
  @OncePerKey()
  async put(
    @Param(valid(LocationPath)) { id }: LocationPath,
    @Body(valid(LocationBody, locationFaults)) body: LocationBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LocationAnswer> {
    const faults = locationFaults(body);
    if (!isOrderlyId(id) && !(await this.query.location(id))) faults.push(idFault('id'));
    if (faults.length > 0) throw invalidRequest(faults);
    const { created, position } = await this.catalog.putLocation(id, locationOf(body), cause);
    wrote('inventory', position);
    void reply.status(created[0] ? 201 : 200);
    return this.#found(id);
  }

  /** Locations by id. */
  @Get()
  @Needs('inventory:read')
  @LocationAware()
  async list(
    @Query(valid(PageQuery)) query: PageQuery,
    @CurrentPrincipal() { locations }: Principal,
  ): Promise<Page<LocationAnswer>> {
    return this.query.locations(pageRequest(query), locations);
  }

  @Get(':id')
  @Needs('inventory:read')
  @LocationAware()
  async one(
    @Param(valid(LocationPath)) { id }: LocationPath,
    @CurrentPrincipal() principal: Principal,
  ): Promise<LocationAnswer> {
    if (!mayUseLocation(principal, id)) throw notFound('location', id);
    return this.#found(id);
  }

  async #found(id: string): Promise<LocationAnswer> {
    const found = await this.query.location(id);
    if (!found) throw notFound('location', id);
    return locationAnswer(id, found);
  }
}
