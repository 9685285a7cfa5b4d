import type { Message } from '@throughline/kernel';

/** A shelf: one SKU at one location. */
export type Shelf = { readonly sku: string; readonly locationId: string };
/** What state goods are in. Only `sellable` ones are promised; `in-transit` are on their way to the location. */
export const CONDITIONS = [
  'sellable',
  'damaged',
  'refurbish',
  'repair',
  'quarantine',
  'in-transit',
  'marketplace-held',
] as const;
export type Condition = (typeof CONDITIONS)[number];
/** Goods of one SKU in one condition at one location. */
export type Pile = Shelf & { readonly condition: Condition };
/** What a kit consists of: so many of a SKU in each. */
export type Part = { readonly sku: string; readonly perKit: number };
/** Units of one order line. */
export type Line = { readonly lineId: string; readonly sku: string; readonly quantity: number };
export type Allocation = { readonly locationId: string; readonly lines: readonly Line[] };

/**
 * Movements that somebody may ask for; the others follow from what happens to orders. `feed` is what another
 * system says lies there; of a supplier, what it can still sell to us. `disposition` gives goods another
 * condition, or takes them out of stock.
 */
export const REQUESTED_MOVEMENTS = [
  'receipt',
  'adjustment',
  'count',
  'feed',
  'damage',
  'transfer-out',
  'transfer-in',
  'disposition',
] as const;
export type RequestedMovement = (typeof REQUESTED_MOVEMENTS)[number];
/**
 * `discrepancy`: goods that a later fact proves to have been there, although the ledger did not know.
 * `supplied`: goods of an uncounted shelf, which come in as they leave.
 */
export type MovementType =
  RequestedMovement | 'issue' | 'return' | 'short' | 'discrepancy' | 'supplied';

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
  /** Taken over from checkout holds, wherever those lie. */
  readonly held: readonly HeldLine[];
  readonly channel: string | null;
  /** Only holds that were made for this channel may be taken over; null: any that is named. */
  readonly holdsOfChannel: string | null;
};
export type HeldLine = Line & { readonly reservationId: string };
/** A hold that a caller names, who may act for these channels; null: for all. */
export type NamedHold = {
  readonly reservationId: string;
  readonly channels: readonly string[] | null;
};
/** Holds these units for a checkout until `expiresAt`, instead of what the same reservation held before. */
export type Hold = NamedHold & {
  readonly channel: string | null;
  readonly expiresAt: string;
  /** Of what was asked for, whatever was allocated. */
  readonly contentHash: string;
  readonly allocations: readonly Allocation[];
  /** Why there are no allocations: nothing is left but what the same request may have got before. */
  readonly shortages: readonly Shortage[];
};
/** Holds that a cancelled order named, and when it was cancelled. */
export type GivenUpHolds = {
  readonly reservationIds: readonly string[];
  /** Only those that were made for this channel; null: all that are named. */
  readonly holdsOfChannel: string | null;
  readonly givenUpAt: string;
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
/** The line of a purchase order, advance ship notice or transfer that a movement fulfils. */
export type SupplyLine = { readonly supplyId: string; readonly lineId: string };
/**
 * `quantity` as the type reads it: signed for an adjustment, what was found for a count or feed, else units
 * moved. `condition` null: as is usual at the location. `toCondition` null: goods leave the stock.
 */
export type MovementRequest = Shelf & {
  readonly movementId: string;
  readonly contentHash: string;
  readonly type: RequestedMovement;
  readonly quantity: number;
  readonly condition: Condition | null;
  /** Where a disposition puts them. */
  readonly toCondition: Condition | null;
  /** Where a transfer goes, if it is to be seen on its way. */
  readonly toLocationId: string | null;
  readonly supply: SupplyLine | null;
  readonly reason: string | null;
  readonly reference: string | null;
};

/** How a shelf is kept; what is undefined stays as it is. */
export type ShelfSetting = Shelf & {
  readonly safetyStock?: number | undefined;
  /** Somebody else supplies its goods on demand: nobody counts them, and it is never short. */
  readonly uncounted?: boolean | undefined;
  readonly leadTimeDays?: number | null | undefined;
};

export type LedgerCommand =
  | Message<'ProposeSourcing', Proposal>
  | Message<'ReleaseSourcing', Release>
  | Message<'HandOverGoods', HandOver>
  | Message<'TakeBackGoods', InspectedReturn>
  | Message<'MoveStock', MovementRequest>
  | Message<'KeepShelf', ShelfSetting>
  | Message<'HoldStock', Hold>
  | Message<'GiveBackHold', NamedHold>
  | Message<'GiveUpHolds', GivenUpHolds>
  | Message<'ExpireHolds', { readonly reservationIds: readonly string[] }>
  | Message<'ExpireOffers', { readonly offerIds: readonly string[] }>
  | Message<'OfferWaiting', { readonly shelves: readonly Shelf[] }>;

/** What made the command come; its id proves, when it comes again, that it was carried out. */
export type LedgerCause = {
  readonly id: string;
  readonly correlationId?: string;
  /** Who asked: the name, and the id. */
  readonly actor?: string;
  readonly actorId?: string;
  readonly traceparent?: string;
};
export type LedgerRequest = { readonly command: LedgerCommand; readonly cause: LedgerCause };

export type BackorderedLine = Line & { readonly promisedOn: string | null };
/** `locationId` null: at all locations together. */
export type Shortage = {
  readonly sku: string;
  readonly locationId: string | null;
  readonly requested: number;
  readonly available: number;
};
export type ShelfShortage = Shortage & Shelf;

/** What a hold has of a SKU; nothing, nowhere, where it is gone. */
export type HeldStock = {
  readonly reservationId: string;
  readonly sku: string;
  readonly locationId: string | null;
  readonly quantity: number;
};

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
        readonly shortages: readonly ShelfShortage[];
        /** What the named holds have, where one has less than it was asked for. */
        readonly holds?: readonly HeldStock[];
        readonly unknownSkus?: readonly string[];
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
    >
  /** Lines that wait are expected at another time than was told before. */
  | Message<
      'BackorderPromiseMoved',
      { readonly orderId: string; readonly lines: readonly BackorderedLine[] }
    >;

export type RevokedLine = {
  readonly orderId: string;
  readonly lineId: string;
  readonly quantity: number;
};
/** How the pile stands after a movement, and which reservations no longer fitted. */
export type MovementAnswer = {
  readonly movementId: string;
  readonly condition: Condition;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly revoked: readonly RevokedLine[];
};

export type HoldAnswer = {
  readonly reservationId: string;
  readonly expiresAt: string;
  readonly allocations: readonly Allocation[];
};

export type LedgerRejection =
  | { readonly code: 'unknown-sku'; readonly sku: string }
  | { readonly code: 'unknown-location'; readonly locationId: string }
  | { readonly code: 'kit-has-no-stock'; readonly sku: string }
  /** Units of a kit come back whose hand-over is not known yet. */
  | { readonly code: 'not-handed-over'; readonly orderId: string }
  | { readonly code: 'idempotency-key-reused' }
  | { readonly code: 'insufficient-stock'; readonly shortages: readonly Shortage[] }
  | { readonly code: 'unknown-reservation'; readonly reservationId: string };

/** `answer` only for movements and holds. */
export type LedgerOutcome =
  | { readonly ok: true; readonly answer?: MovementAnswer; readonly hold?: HoldAnswer }
  | { readonly ok: false; readonly rejection: LedgerRejection };
