import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Headers,
  Inject,
  Query,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { KnownId, Optional, Text } from '@throughline/contracts';
import {
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  locationsShown,
  Needs,
  PageQuery,
  pageRequest,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import { UnknownIdsInterceptor } from '../catalog/unknown-ids.interceptor.js';
import { ageingFile } from './ageing-file.js';
import type { AgeingQuery, ShelfAge } from './ageing.query.js';
import { csvLine } from './csv-report.js';
import type { Overstock, OverstockQuery } from './overstock.query.js';

export const AGEING_QUERY = Symbol('ageing query');
export const OVERSTOCK_QUERY = Symbol('overstock query');
export const REPORTS_CLOCK = Symbol('clock of reports');

const CSV = 'text/csv';
const COVER_DAYS_DEFAULT = 90;
const COVER_DAYS_MAX = 3_650;
const LOOK_BACK_DAYS_DEFAULT = 30;
const LOOK_BACK_DAYS_MAX = 366;
const OVERSTOCK_COLUMNS = ['sku', 'name', 'onHand', 'issued', 'daysOfCover', 'unitsOver'] as const;

export class AgeingReportQuery extends PageQuery {
  @Optional() @KnownId() sku?: string;
  @Optional() @KnownId() locationId?: string;
}
export class OverstockReportQuery extends PageQuery {
  @Optional() @Text() daysOfCover?: string;
  @Optional() @Text() days?: string;
}

const daysOf = (
  field: string,
  stated: string | undefined,
  { usual, max }: { readonly usual: number; readonly max: number },
): number => {
  const days = stated === undefined ? usual : Number(stated);
  if (Number.isInteger(days) && days >= 1 && days <= max) return days;
  const message = `must be a whole number from 1 to ${max}`;
  throw invalidRequest([{ field, code: 'range', message }]);
};

const fileOf = (content: Iterable<string> | AsyncIterable<string>, name: string): StreamableFile =>
  new StreamableFile(Readable.from(content), {
    type: `${CSV}; charset=utf-8`,
    disposition: `attachment; filename="${name}.csv"`,
  });

/** What lies in stock for too long, or in too large a number; all of it as a file with `Accept: text/csv`. */
@Controller('v1/inventory/reports')
export class ReportsController {
  constructor(
    @Inject(AGEING_QUERY) private readonly ageing: AgeingQuery,
    @Inject(OVERSTOCK_QUERY) private readonly overstock: OverstockQuery,
    @Inject(REPORTS_CLOCK) private readonly now: () => string,
  ) {}

  /** Sellable units of each shelf by how long ago they came in; what came in first leaves first. */
  @Get('ageing')
  @UseInterceptors(UnknownIdsInterceptor)
  @Needs('inventory:read')
  @LocationAware()
  async age(
    @Query(valid(AgeingReportQuery)) { sku, locationId, ...page }: AgeingReportQuery,
    @CurrentPrincipal() principal: Principal,
    @Headers('accept') accept?: string,
  ): Promise<Page<ShelfAge> | StreamableFile> {
    const filter = { sku: sku ?? null, locationId: locationsShown(principal, locationId) ?? null };
    if (accept?.includes(CSV)) return fileOf(ageingFile(this.ageing, filter, this.now()), 'ageing');
    return this.ageing(filter, this.now(), pageRequest(page));
  }

  /**
   * SKUs of which there is more than `daysOfCover` (90) days of the average issues of the last `days` (30) days,
   * those with the most units over that first.
   */
  @Get('overstock')
  @Needs('inventory:read')
  async over(
    @Query(valid(OverstockReportQuery)) { daysOfCover, days, ...page }: OverstockReportQuery,
    @Headers('accept') accept?: string,
  ): Promise<Page<Overstock> | StreamableFile> {
    const limit = {
      daysOfCover: daysOf('daysOfCover', daysOfCover, {
        usual: COVER_DAYS_DEFAULT,
        max: COVER_DAYS_MAX,
      }),
      days: daysOf('days', days, { usual: LOOK_BACK_DAYS_DEFAULT, max: LOOK_BACK_DAYS_MAX }),
    };
    if (!accept?.includes(CSV)) return this.overstock.page(limit, this.now(), pageRequest(page));
    const rows = await this.overstock.all(limit, this.now());
    const lines = rows.map((row) => csvLine(OVERSTOCK_COLUMNS.map((column) => row[column])));
    return fileOf([csvLine(OVERSTOCK_COLUMNS), ...lines], 'overstock');
  }
}
