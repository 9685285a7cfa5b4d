import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { isOrderlyId, KnownId, idFault, validatorOf } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  invalidRequest,
  LocationAware,
  Needs,
  notFound,
  OncePerKey,
  PageQuery,
  pageRequest,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Wrote,
} from '@throughline/service-kit';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { refusedPart, type BatchPart } from '../batch-part.js';
import type { Item } from './catalog.codec.js';
import type { Catalog } from './catalog.js';
import type { CatalogQuery } from './catalog.query.js';
import {
  BatchItem,
  ItemBody,
  itemAnswer,
  itemFaults,
  itemOf,
  type ItemAnswer,
} from './item-body.js';

export const CATALOG = Symbol('catalog');
export const CATALOG_QUERY = Symbol('catalog query');
const BATCH_ITEMS_MAX = 1_000;

export class ItemPath {
  @KnownId() sku!: string;
}
/** Each item is checked by itself, so that a bad one does not keep the others out. */
export class ItemBatchBody {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(BATCH_ITEMS_MAX) items!: unknown[];
}

const validate = validatorOf(BatchItem, { strict: true });

const skuOf = (stated: unknown): string | null => {
  const sku = (stated as { sku?: unknown } | null)?.sku;
  return typeof sku === 'string' ? sku : null;
};

@Controller('v1/inventory')
export class ItemsController {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CATALOG_QUERY) private readonly query: CatalogQuery,
  ) {}

  /** Sets what an item is. Safe to repeat. */
  @Put('items/:sku')
  @Needs('inventory:settings')
  @OncePerKey()
  async put(
    @Param(valid(ItemPath)) { sku }: ItemPath,
    @Body(valid(ItemBody, (body) => itemFaults('', body))) body: ItemBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ItemAnswer> {
    const faults = itemFaults(sku, body);
    if (!isOrderlyId(sku) && !(await this.query.item(sku))) faults.push(idFault('sku'));
    if (faults.length > 0) throw invalidRequest(faults);
    const items = new Map([[sku, itemOf(body)]]);
    const { created, refused, position } = await this.catalog.putItems(items, cause);
    const broken = refused.get(sku);
    if (broken) throw invalidRequest(broken);
    wrote('inventory', position);
    void reply.status(created[0] ? 201 : 200);
    return this.one({ sku });
  }

  /** Sets up to 1,000 items in one call; answers each in order, as if it had been sent alone. */
  @Post('items::batch')
  @Needs('inventory:settings')
  @OncePerKey()
  @HttpCode(200)
  async putBatch(
    @Body(valid(ItemBatchBody)) { items: stated }: ItemBatchBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<{ items: readonly (BatchPart & { sku: string | null })[] }> {
    const items = new Map<string, Item>();
    const parts = stated.map((one) => {
      const sku = skuOf(one);
      const errors = validate(one);
      if (errors.length === 0) errors.push(...itemFaults(sku!, one as BatchItem));
      if (errors.length === 0 && items.has(sku!))
        errors.push({ field: 'sku', code: 'twice', message: 'stands twice in this batch' });
      if (errors.length > 0) return { sku, ...refusedPart(invalidRequest(errors)) };
      items.set(sku!, itemOf(one as BatchItem));
      return { sku, status: 0 };
    });
    const { created, refused, position } = await this.catalog.putItems(items, cause);
    wrote('inventory', position);
    const settled = new Map<string | null, BatchPart>();
    [...items.keys()].forEach((sku, at) => {
      const errors = refused.get(sku);
      const status = created[at] ? 201 : 200;
      settled.set(sku, errors ? refusedPart(invalidRequest(errors)) : { status });
    });
    return {
      items: parts.map((part) =>
        part.status === 0 ? { ...part, ...settled.get(part.sku)! } : part,
      ),
    };
  }

  /** Items by SKU. */
  @Get('items')
  @Needs('inventory:read')
  @LocationAware()
  async list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<ItemAnswer>> {
    return this.query.items(pageRequest(query));
  }

  @Get('items/:sku')
  @Needs('inventory:read')
  @LocationAware()
  async one(@Param(valid(ItemPath)) { sku }: ItemPath): Promise<ItemAnswer> {
    const found = await this.query.item(sku);
    if (!found) throw notFound('item', sku);
    return itemAnswer(sku, found);
  }
}
