import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { Country, KnownId, ListOf, Nested, Optional, Quantity, Text } from '@throughline/contracts';
import { locate } from '@throughline/geo';
import { Needs, valid } from '@throughline/service-kit';
import type { ReadPicture } from '../picture/picture.query.js';
import type { Lines } from '../sourcing/domain/lines.js';
import type { Explanation } from '../sourcing/domain/picture.js';
import { planOf } from '../sourcing/domain/plan.js';

export const PICTURE = Symbol('picture reader');

export class RoutingQuoteLineBody {
  @KnownId() sku!: string;
  @Quantity() quantity!: number;
}

export class RoutingQuotePlaceBody {
  @Optional() @Text(20) postalCode?: string | null;
  @Country() country!: string;
}

export class RoutingQuoteBody {
  @ListOf(() => RoutingQuoteLineBody, { min: 1 }) lines!: RoutingQuoteLineBody[];
  @Nested(() => RoutingQuotePlaceBody) shipTo!: RoutingQuotePlaceBody;
}

type QuotedLine = { readonly sku: string; readonly quantity: number };
type Quote = Explanation & {
  readonly allocations: readonly {
    readonly locationId: string;
    readonly lines: readonly QuotedLine[];
  }[];
  readonly backorders: readonly QuotedLine[];
};

const quoted = (lines: Lines): QuotedLine[] =>
  lines.map(({ sku, quantity }) => ({ sku, quantity }));

@Controller('v1/routing/quotes')
export class QuotesController {
  constructor(@Inject(PICTURE) private readonly read: ReadPicture) {}

  /** Where a cart would ship from now, by the very rule that orders are sourced by. Reserves and keeps nothing. */
  @Post()
  @Needs('routing:read')
  @HttpCode(200)
  async quote(@Body(valid(RoutingQuoteBody)) { lines, shipTo }: RoutingQuoteBody): Promise<Quote> {
    const skus = [...new Set(lines.map(({ sku }) => sku))];
    const picture = await this.read({ skus, onlyLocationId: null });
    const place = locate(shipTo);
    const plan = planOf(
      {
        lines: lines.map((line, index) => ({ ...line, lineId: String(index) })),
        destination: place ? { lat: place.lat, lng: place.lng } : null,
        onlyLocationId: null,
        bars: new Map(),
        known: [],
      },
      picture,
    );
    return {
      allocations: plan.allocations.map(({ locationId, lines: given }) => ({
        locationId,
        lines: quoted(given),
      })),
      backorders: quoted(plan.backorders),
      ...plan.explanation,
    };
  }
}
