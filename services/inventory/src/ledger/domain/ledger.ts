import type { Message } from '@throughline/kernel';

/** A shelf: one SKU at one location. */
export type Shelf = { readonly sku: string; readonly locationId: string };
/** Units of one order line. */
export type Line = { readonly lineId: string; readonly sku: string; readonly quantity: number };
export type Allocation = { readonly locationId: string; readonly lines: readonly Line[] };

/** Movements that somebody may ask for; the others follow from what happens to orders. */
export const REQUESTED_MOVEMENTS = [
  'receipt',
  'adjustment',
  'count',
  'damage',
  'transfer-out',
  'transfer-in',
] as const;
export type RequestedMovement = (typeof REQUESTED_MOVEMENTS)[number];
/** `discrepancy`: goods that a later fact proves to have been there, although the ledger did not know. */
export type MovementType = RequestedMovement | 'issue' | 'return' | 'short' | 'discrepancy';

export type Proposal = {
  readonly orderId: string;
  readonly attempt: number;
  readonly final: boolean;
  readonly priority: number;
  readonly acceptedAt: string;
  readonly onlyLocationId: string | null;
  readonly offerId: string | null;
  readonly allocations: readonly Allocation[];
  readonly backorders: readonly Line[];
};
export type Release = {
  readonly orderId: string;
  readonly reason: 'attempt-closed' | 'cancelled' | 'short' | 'rejected' | 'revoked';
  readonly closesAttempt: number | null;
  readonly reservations: readonly (Line & Shelf & { readonly attempt: number })[];
  readonly backorders: readonly Line[];
};
export type HandOver = {
  readonly orderId: string;
  readonly attempt: number;
  readonly locationId: string;
  readonly lines: readonly Line[];
};
export type InspectedReturn = {
  readonly orderId: string;
  readonly returnId: string;
  readonly locationId: string;
  readonly lines: readonly (Line & { readonly disposition: string })[];
};
/** `quantity` as the type reads it: signed for an adjustment, what was found for a count, else units moved. */
export type MovementRequest = Shelf & {
  readonly movementId: string;
  readonly contentHash: string;
  readonly type: RequestedMovement;
  readonly quantity: number;
  readonly reason: string | null;
  readonly reference: string | null;
};

export type LedgerCommand =
  | Message<'ProposeSourcing', Proposal>
  | Message<'ReleaseSourcing', Release>
  | Message<'HandOverGoods', HandOver>
  | Message<'TakeBackGoods', InspectedReturn>
  | Message<'MoveStock', MovementRequest>
  | Message<'SetSafetyStock', Shelf & { readonly safetyStock: number }>
  | Message<'ExpireOffers', { readonly offerIds: readonly string[] }>
  | Message<'OfferWaiting', { readonly shelves: readonly Shelf[] }>;

/** What made the command come; its id proves, when it comes again, that it was carried out. */
export type LedgerCause = {
  readonly id: string;
  readonly correlationId?: string;
  readonly actor?: string;
  readonly traceparent?: string;
};
export type LedgerRequest = { readonly command: LedgerCommand; readonly cause: LedgerCause };

export type BackorderedLine = Line & { readonly promisedOn: string | null };
export type Shortage = Shelf & { readonly requested: number; readonly available: number };

/** What the order's own stream of reservations tells. */
export type ReservationEvent =
  | Message<
      'StockReserved',
      {
        readonly orderId: string;
        readonly attempt: number;
        readonly allocations: readonly Allocation[];
        /** All of the order that now waits. */
        readonly backordered: readonly BackorderedLine[];
      }
    >
  | Message<
      'StockRefused',
      {
        readonly orderId: string;
        readonly attempt: number;
        readonly shortages: readonly Shortage[];
      }
    >
  | Message<
      'StockOffered',
      {
        readonly orderId: string;
        readonly offerId: string;
        readonly locationId: string;
        readonly expiresAt: string;
        readonly lines: readonly Line[];
      }
    >
  | Message<
      'ReservationRevoked',
      {
        readonly orderId: string;
        readonly attempt: number;
        readonly locationId: string;
        readonly lines: readonly Line[];
      }
    >;

export type RevokedLine = {
  readonly orderId: string;
  readonly lineId: string;
  readonly quantity: number;
};
/** How the shelf stands after a movement, and which reservations no longer fitted. */
export type MovementAnswer = {
  readonly movementId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly revoked: readonly RevokedLine[];
};

export type LedgerRejection =
  | { readonly code: 'unknown-sku'; readonly sku: string }
  | { readonly code: 'unknown-location'; readonly locationId: string }
  | { readonly code: 'idempotency-key-reused' };

/** `answer` only for movements. */
export type LedgerOutcome =
  | { readonly ok: true; readonly answer?: MovementAnswer }
  | { readonly ok: false; readonly rejection: LedgerRejection };
