import { Controller, Get, Query, type Type } from '@nestjs/common';
import { isStorable } from '@throughline/contracts';
import {
  Consistency,
  FIRST_PLACE,
  UnknownPlaceError,
  type Finding,
  type Place,
  type StreamCheck,
} from '@throughline/read-model';
import { Needs } from './access.js';
import { invalidCursor, PageQuery, pageRequest, type Page } from './paging.js';
import type { Projected } from './projections.controller.js';
import { valid } from './request.js';

export type Checked = Projected & { readonly checks: readonly StreamCheck[] };

const placeOf = (after: readonly unknown[] | undefined): Place => {
  if (!after) return FIRST_PLACE;
  const [at, first, second] = after;
  if (at === 'streams' && typeof first === 'string' && /^\d{1,19}$/.test(first))
    return { at, after: first };
  if (at === 'rows' && Number.isInteger(first) && typeof second === 'string' && isStorable(second))
    return { at, table: first as number, after: second };
  throw invalidCursor();
};

const refusePlace = (error: unknown): never => {
  throw error instanceof UnknownPlaceError ? invalidCursor() : error;
};

const cursorOf = (place: Place | null): string | null => {
  if (!place) return null;
  const parts =
    place.at === 'rows' ? [place.at, place.table, place.after] : [place.at, place.after];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
};

/** What contradicts itself in a service's store. */
export const consistencyController = (checked: Checked): Type => {
  const consistency = new Consistency(checked);

  @Controller(`v1/${checked.service}/consistency`)
  class ConsistencyController {
    /**
     * Looks at the next streams or rows: nothing is found where all is well. Go on with `nextCursor` until it is
     * null. Reads only, and may run beside anything.
     */
    @Get()
    @Needs('operations:read')
    async check(
      @Query(valid(PageQuery)) query: PageQuery,
    ): Promise<Page<Finding> & { readonly checked: number }> {
      const page = await consistency.page(placeOf(pageRequest(query).after)).catch(refusePlace);
      return { items: page.findings, checked: page.checked, nextCursor: cursorOf(page.next) };
    }
  }
  return ConsistencyController;
};
