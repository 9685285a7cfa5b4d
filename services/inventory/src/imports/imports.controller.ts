import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Headers,
  Inject,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { KnownId, OneOf, Optional } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  PageQuery,
  CurrentPrincipal,
  FileBody,
  invalidRequest,
  KeyedCause,
  Needs,
  notFoundById,
  pageRequest,
  TakesFile,
  valid,
  type FileParts,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import type { FastifyReply } from 'fastify';
import { errorFile } from './error-file.js';
import { IMPORT_MODES, type Import, type ImportMode, type RowError } from './import.js';
import type { ImportsQuery } from './imports.query.js';
import type { Upload } from './intake-store.js';
import type { Intake } from './intake.js';

export const INTAKE = Symbol('intake');
export const IMPORTS_QUERY = Symbol('imports query');

const CSV = 'text/csv';
const ROUTE = '/v1/inventory/imports';
const YES_OR_NO = ['true', 'false'] as const;

export class StockImportQuery {
  /** Items have a route of their own, because they need another permission. */
  @Optional() @OneOf(['stock']) kind?: 'stock';
  @OneOf(IMPORT_MODES) mode!: ImportMode;
  @Optional() @OneOf(YES_OR_NO) dryRun?: (typeof YES_OR_NO)[number];
}
export class ItemImportQuery {
  @Optional() @OneOf(['items']) kind?: 'items';
  @Optional() @OneOf(['set']) mode?: 'set';
  @Optional() @OneOf(YES_OR_NO) dryRun?: (typeof YES_OR_NO)[number];
}
export class ImportPath {
  @KnownId() importId!: string;
}

/** Files of stock and items: taken in at once, carried out in the background. */
@Controller('v1/inventory/imports')
export class ImportsController {
  constructor(
    @Inject(INTAKE) private readonly take: Intake,
    @Inject(IMPORTS_QUERY) private readonly imports: ImportsQuery,
  ) {}

  /** Takes a file of stock in: what lies on shelves (`set`), or what comes to them (`add`). Safe to repeat. */
  @Post()
  @Needs('inventory:move')
  @TakesFile(CSV)
  async stock(
    @Query(valid(StockImportQuery)) { mode, dryRun }: StockImportQuery,
    @FileBody() parts: FileParts,
    @CurrentPrincipal() { name: actor, id: actorId }: Principal,
    @KeyedCause() keyed: Cause | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Import> {
    return this.#taken(
      { kind: 'stock', mode, dryRun: dryRun === 'true', actor, actorId, keyed },
      parts,
      reply,
    );
  }

  /** Takes a file of items in. What it has no column for stays as it is. Safe to repeat. */
  @Post('items')
  @Needs('inventory:settings')
  @TakesFile(CSV)
  async items(
    @Query(valid(ItemImportQuery)) { dryRun }: ItemImportQuery,
    @FileBody() parts: FileParts,
    @CurrentPrincipal() { name: actor, id: actorId }: Principal,
    @KeyedCause() keyed: Cause | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Import> {
    const asked = { dryRun: dryRun === 'true', actor, actorId, keyed };
    return this.#taken({ kind: 'items', mode: 'set', ...asked }, parts, reply);
  }

  async #taken(upload: Upload, parts: FileParts, reply: FastifyReply): Promise<Import> {
    const taken = await this.take(upload, parts);
    if (!taken.ok) throw invalidRequest(taken.faults);
    const { job, isNew } = taken;
    void reply.status(isNew ? 202 : 200).header('Location', `${ROUTE}/${job.importId}`);
    return job;
  }

  /** Files, newest first, and how far they are. */
  @Get()
  @Needs('inventory:read')
  async list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<Import>> {
    return this.imports.list(pageRequest(query));
  }

  @Get(':importId')
  @Needs('inventory:read')
  async one(@Param(valid(ImportPath)) { importId }: ImportPath): Promise<Import> {
    const found = await this.imports.one(importId);
    if (!found) throw notFoundById('import', importId, 'importId');
    return found;
  }

  /** What is wrong with rows, a page at a time; all of it with `Accept: text/csv`. */
  @Get(':importId/errors')
  @Needs('inventory:read')
  async errors(
    @Param(valid(ImportPath)) { importId }: ImportPath,
    @Query(valid(PageQuery)) query: PageQuery,
    @Headers('accept') accept?: string,
  ): Promise<Page<RowError> | StreamableFile> {
    await this.one({ importId });
    if (!accept?.includes(CSV)) return this.imports.errors(importId, pageRequest(query));
    return new StreamableFile(Readable.from(errorFile(this.imports, importId)), {
      type: `${CSV}; charset=utf-8`,
      disposition: `attachment; filename="errors-${importId}.csv"`,
    });
  }
}
