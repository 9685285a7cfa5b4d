import {
  Country,
  Id,
  KnownId,
  ListOf,
  Nested,
  Optional,
  Quantity,
  Text,
  Whole,
} from '@throughline/contracts';
import { invalidRequest, type ProblemException } from '@throughline/service-kit';
import type { HoldAnswer, LedgerRejection } from '../ledger/domain/ledger.js';
import { ledgerProblem } from '../ledger/ledger-problem.js';
import type { Wish } from './choice.js';

export const HOLD_SECONDS_DEFAULT = 15 * 60;
/** A pickup may be held for as long as the shop waits for its customer. */
export const HOLD_SECONDS_MAX = 30 * 24 * 60 * 60;
const LINES_MAX = 500;

export class CheckoutHoldLine {
  @KnownId() sku!: string;
  @Quantity() quantity!: number;
}
export class CheckoutHoldPlace {
  @Optional() @Text(20) postalCode?: string | null;
  @Country() country!: string;
}
export class CheckoutHoldBody {
  /** The checkout's own name for it: asking again changes what it holds. */
  @Optional() @Id() reservationId?: string | null;
  @ListOf(() => CheckoutHoldLine, { min: 1, max: LINES_MAX }) lines!: CheckoutHoldLine[];
  /** Hold there or nowhere; the best location for `shipTo` where it is absent. */
  @Optional() @KnownId() locationId?: string | null;
  @Optional() @Nested(() => CheckoutHoldPlace) shipTo?: CheckoutHoldPlace | null;
  @Optional() @Id() channel?: string | null;
  @Optional() @Whole(1, HOLD_SECONDS_MAX) ttlSeconds?: number | null;
}

/** A SKU that is named on several lines is wished for once, with the sum. */
export const wishesOf = ({ lines }: CheckoutHoldBody): Wish[] => {
  const wishes = new Map<string, number>();
  for (const { sku, quantity } of lines) wishes.set(sku, (wishes.get(sku) ?? 0) + quantity);
  return [...wishes]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
};

/** What is refused about one SKU of a body is told of its first line. */
export const holdProblem = (rejection: LedgerRejection): ProblemException =>
  ledgerProblem(rejection, 'lines[0].sku');

export const unknownSku = (skus: readonly string[], lines: readonly CheckoutHoldLine[] = []) =>
  invalidRequest(
    skus.map((sku) => ({
      field: `lines[${Math.max(
        0,
        lines.findIndex((line) => line.sku === sku),
      )}].sku`,
      code: 'unknown-sku',
      message: `${sku} is not in the catalogue`,
    })),
  );

export const unknownLocation = (locationId: string) =>
  invalidRequest([
    {
      field: 'locationId',
      code: 'unknown-location',
      message: `${locationId} is not in the catalogue`,
    },
  ]);

/** A hold as it is answered: its lines have no ids, since a checkout has none yet. */
export const holdAnswer = ({ reservationId, expiresAt, allocations }: HoldAnswer) => ({
  reservationId,
  expiresAt,
  allocations: allocations.map(({ locationId, lines }) => ({
    locationId,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  })),
});
export type HeldAnswer = ReturnType<typeof holdAnswer>;
