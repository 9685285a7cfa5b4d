import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Page } from '@throughline/service-kit';
import { mergeMap, type Observable } from 'rxjs';
import type { UnknownIds } from './known-ids.query.js';

export const UNKNOWN_IDS = Symbol('unknown ids');

type Filter = { readonly sku?: string; readonly locationId?: string; readonly cursor?: string };

const listOf = (id: string | undefined): readonly string[] => (id === undefined ? [] : [id]);

/**
 * A list also says which ids of its filter there are not: no items alone would say that there is nothing of them. Only
 * an empty first page is worth the look.
 */
@Injectable()
export class UnknownIdsInterceptor implements NestInterceptor<Page<unknown>> {
  constructor(@Inject(UNKNOWN_IDS) private readonly unknownOf: UnknownIds) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<Page<unknown>> {
    const { sku, locationId, cursor } = context
      .switchToHttp()
      .getRequest<{ query: Filter }>().query;
    return next.handle().pipe(
      mergeMap(async (page: Page<unknown>) => {
        if (cursor !== undefined || page.items?.length !== 0) return page;
        const named = { skus: listOf(sku), locationIds: listOf(locationId) };
        const unknown = await this.unknownOf(named);
        return unknown.length > 0 ? { ...page, unknown } : page;
      }),
    );
  }
}
