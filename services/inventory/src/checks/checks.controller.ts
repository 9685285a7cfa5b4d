import { Controller, Get, Inject, Query } from '@nestjs/common';
import {
  sortValues,
  PageQuery,
  Needs,
  pageRequest,
  valid,
  type Page,
} from '@throughline/service-kit';
import type { Difference } from './check.js';
import type { CheckedPage } from './checks.query.js';

export const CHECK_SKUS = Symbol('check skus');

@Controller('v1/inventory/checks')
export class ChecksController {
  constructor(
    @Inject(CHECK_SKUS) private readonly check: (after: string) => Promise<CheckedPage>,
  ) {}

  /** What contradicts itself in the ledger: nothing, when all is well. A page covers some SKUs. */
  @Get()
  @Needs('inventory:read')
  async list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<Difference>> {
    const { after } = pageRequest(query);
    const [start] = after ? sortValues(after, ['text']) : [''];
    const { differences, last } = await this.check(start as string);
    const nextCursor = last && Buffer.from(JSON.stringify([last])).toString('base64url');
    return { items: differences, nextCursor };
  }
}
