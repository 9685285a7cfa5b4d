import type { Line, MovementAnswer, MovementType, Shelf } from './ledger.js';

export type Balance = Shelf & {
  readonly onHand: number;
  /** Committed to orders or held by offers. */
  readonly reserved: number;
  readonly safetyStock: number;
  readonly version: number;
};
export type Location = { readonly locationId: string; readonly active: boolean };
export type AttemptOutcome = 'reserved' | 'refused' | 'closed';
export type Attempt = {
  readonly orderId: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly priority: number;
  readonly acceptedAt: string;
  readonly correlationId: string;
};
export type Reservation = Line &
  Shelf & {
    readonly orderId: string;
    readonly attempt: number;
    readonly consumed: number;
    readonly released: number;
    readonly priority: number;
    readonly acceptedAt: string;
    readonly correlationId: string;
  };
export type Backorder = Line & {
  readonly orderId: string;
  /** The part of `quantity` that open offers hold. */
  readonly offered: number;
  readonly priority: number;
  readonly since: string;
  readonly onlyLocationId: string | null;
  /** Locations whose offer the order did not use. */
  readonly declined: readonly string[];
  readonly promisedOn: string | null;
  readonly correlationId: string;
};
export type OfferState = 'open' | 'taken' | 'expired' | 'withdrawn';
export type Offer = {
  readonly offerId: string;
  readonly orderId: string;
  readonly locationId: string;
  readonly state: OfferState;
  readonly expiresAt: string;
  readonly lines: readonly Line[];
};
/** A movement that a client asked for earlier. */
export type KnownMovement = {
  readonly movementId: string;
  readonly requestId: string | null;
  readonly contentHash: string;
  readonly answer: MovementAnswer;
};
export type Movement = Shelf & {
  /** Null for what follows from an order and was asked for by nobody. */
  readonly movementId: string | null;
  readonly requestId: string | null;
  readonly contentHash: string | null;
  readonly answer: MovementAnswer | null;
  readonly type: MovementType;
  readonly quantity: number;
  readonly before: number;
  readonly after: number;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly cause: string;
  readonly actor: string | null;
};
export type Disposal = Line & {
  readonly disposalId: string;
  readonly returnId: string;
  readonly orderId: string;
  readonly locationId: string;
  readonly disposition: string;
};

/** What a batch of commands is decided on: every row that it may read or change, locked where it may change. */
export type LedgerRows = {
  readonly balances: readonly Balance[];
  readonly skus: readonly string[];
  readonly locations: readonly Location[];
  readonly attempts: readonly Attempt[];
  readonly reservations: readonly Reservation[];
  readonly backorders: readonly Backorder[];
  /** Shelves of whose waiting backorders only the first were read. */
  readonly longQueues: readonly Shelf[];
  readonly offers: readonly Offer[];
  readonly movements: readonly KnownMovement[];
  /** Causes that were carried out before. */
  readonly handled: readonly string[];
};
