import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import {
  DISPOSITIONS,
  Flag,
  KnownId,
  ListOf,
  Note,
  OneOf,
  Optional,
  Quantity,
} from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import {
  CurrentPrincipal,
  invalidRequest,
  LocationAware,
  LocationGuard,
  locationNotAllowed,
  locationsShown,
  mayUseLocation,
  Needs,
  notFoundById,
  RequestCause,
  valid,
  WroteTo,
  type Page,
  type Principal,
  type Wrote,
} from '@throughline/service-kit';
import type { KnowsLocation } from '../location/locations.query.js';
import type { Disposition, ReturnCommand } from './domain/return.js';
import {
  orderOfReturn,
  ReturnListQuery,
  type ReturnQueries,
} from './return-list/return-list.query.js';
import type { ReturnView } from './return-list/return-view.js';
import type { ReturnHandler } from './return.consumer.js';
import { problemOf } from './return-problem.js';

export const RETURN_HANDLER = Symbol('return handler');
export const RETURN_QUERIES = Symbol('return queries');
export const KNOWS_LOCATION = Symbol('knows location');
/** A customer brings goods to whatever location is near: until then a return is open to all that know its id. */
const ReturnLocationGuard = LocationGuard('return', RETURN_QUERIES, { whereverNext: true });

export class ReturnUnits {
  @KnownId() lineId!: string;
  @Quantity() quantity!: number;
}

export class ReturnBody {
  @KnownId() orderId!: string;
  @ListOf(() => ReturnUnits, { min: 1 }) lines!: ReturnUnits[];
  @Note() reason!: string;
}

export class ReturnReceiptBody {
  @KnownId() locationId!: string;
  @Optional() @ListOf(() => ReturnUnits, { min: 1 }) lines?: ReturnUnits[] | null;
}

export class ReturnJudgement extends ReturnUnits {
  @OneOf(DISPOSITIONS) disposition!: Disposition;
}

export class ReturnInspectionBody {
  @Optional() @KnownId() locationId?: string | null;
  @Optional() @ListOf(() => ReturnJudgement, { min: 1 }) lines?: ReturnJudgement[] | null;
  @Optional() @Flag() refund?: boolean | null;
}

/** A location that was just made may not have been heard of here: the same request will do in a moment. */
const unknownLocation = () => {
  const message = 'is not a location that is known here; if it was just made, send this again';
  return invalidRequest([{ field: 'locationId', code: 'unknown-location', message }]);
};

/** A caller that is limited to locations inspects at one of these, and says at which where there are several. */
const inspectedAt = (principal: Principal, stated: string | null): string | null => {
  const { locations } = principal;
  if (!locations) return stated;
  const locationId = stated ?? (locations.length === 1 ? locations[0]! : null);
  if (locationId === null) {
    const message = 'is required of a key of several locations';
    throw invalidRequest([{ field: 'locationId', code: 'required', message }]);
  }
  if (!mayUseLocation(principal, locationId)) throw locationNotAllowed(principal, locationId);
  return locationId;
};

type Written = { readonly returnId: string };

/** Returns from request to inspection; the money and the stock follow from what is published. */
@Controller('v1/returns')
export class ReturnsController {
  constructor(
    @Inject(RETURN_HANDLER) private readonly handle: ReturnHandler,
    @Inject(RETURN_QUERIES) private readonly queries: ReturnQueries,
    @Inject(KNOWS_LOCATION) private readonly knows: KnowsLocation,
  ) {}

  @Get()
  @Needs('returns:read')
  @LocationAware()
  list(
    @Query(valid(ReturnListQuery)) query: ReturnListQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<ReturnView>> {
    return this.queries.list(query, locationsShown(principal, undefined));
  }

  @Get(':id')
  @UseGuards(ReturnLocationGuard)
  @Needs('returns:read')
  @LocationAware()
  async one(@Param('id') returnId: string): Promise<ReturnView> {
    const found = await this.queries.one(returnId);
    if (!found) throw notFoundById('return', returnId);
    return found;
  }

  /** Opens a return of goods that were delivered. Safe to repeat with the same `Idempotency-Key`. */
  @Post()
  @Needs('returns:write')
  @HttpCode(201)
  async request(
    @Body(valid(ReturnBody)) body: ReturnBody,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<Written> {
    const result = await this.handle(body.orderId, { type: 'RequestReturn', data: body }, cause);
    if (!result.ok) throw problemOf(result.rejection);
    wrote('returns', result.position);
    const [requested] = result.events;
    if (requested?.type !== 'ReturnRequested') throw new Error('A request left no return');
    return { returnId: requested.data.returnId };
  }

  /** The customer may send the goods. */
  @Post(':id/approval')
  @Needs('returns:write')
  @HttpCode(204)
  async approve(
    @Param('id') returnId: string,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    await this.#carryOut({ type: 'ApproveReturn', data: { returnId } }, cause, wrote);
  }

  /** Goods came in at a location; without `lines`, all that were expected. */
  @Post(':id/receipt')
  @UseGuards(ReturnLocationGuard)
  @Needs('returns:work')
  @LocationAware()
  @HttpCode(204)
  async receive(
    @Param('id') returnId: string,
    @Body(valid(ReturnReceiptBody)) { locationId, lines }: ReturnReceiptBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    if (!mayUseLocation(principal, locationId)) throw locationNotAllowed(principal, locationId);
    if (!(await this.knows(locationId))) throw unknownLocation();
    const data = { returnId, locationId, lines: lines ?? null };
    await this.#carryOut({ type: 'ReceiveReturn', data }, cause, wrote);
  }

  /** Says what becomes of goods that came in; without `lines`, all go back to stock. Refunds unless told not to. */
  @Post(':id/inspection')
  @UseGuards(ReturnLocationGuard)
  @Needs('returns:work')
  @LocationAware()
  @HttpCode(204)
  async inspect(
    @Param('id') returnId: string,
    @Body(valid(ReturnInspectionBody)) { locationId, lines, refund }: ReturnInspectionBody,
    @CurrentPrincipal() principal: Principal,
    @RequestCause() cause: Cause,
    @WroteTo() wrote: Wrote,
  ): Promise<void> {
    const data = {
      returnId,
      locationId: inspectedAt(principal, locationId ?? null),
      lines: lines ?? null,
      refund: refund ?? true,
    };
    await this.#carryOut({ type: 'InspectReturn', data }, cause, wrote);
  }

  async #carryOut(
    command: Extract<ReturnCommand, { data: { returnId: string } }>,
    cause: Cause,
    wrote: Wrote,
  ): Promise<void> {
    const { returnId } = command.data;
    const orderId = orderOfReturn(returnId);
    if (orderId === undefined) throw notFoundById('return', returnId);
    const result = await this.handle(orderId, command, cause);
    if (!result.ok) throw problemOf(result.rejection);
    wrote('returns', result.position);
  }
}
