import type {
  Line,
  MovementAnswer,
  MovementType,
  Part,
  Pile,
  Shelf,
  SupplyLine,
} from './ledger.js';

export type Balance = Shelf & {
  readonly onHand: number;
  /** Committed to orders, held for checkouts or earmarked by offers. */
  readonly reserved: number;
  readonly safetyStock: number;
  /** Never short: somebody else supplies its goods on demand, so many days after they are ordered. */
  readonly uncounted: boolean;
  readonly leadTimeDays: number | null;
  /** What is free fell to the safety stock, which was told. */
  readonly belowBuffer: boolean;
  readonly version: number;
};
/** Goods that are not sellable. */
export type SetAside = Pile & { readonly quantity: number; readonly version: number };
export type Location = {
  readonly locationId: string;
  readonly active: boolean;
  readonly type: string;
};
export type Kit = { readonly sku: string; readonly parts: readonly Part[] };
/** A channel's share of a SKU: it promises at most `quota`, and never the last `buffer` units of a shelf. */
export type Listing = {
  readonly channel: string;
  readonly sku: string;
  readonly quota: number | null;
  readonly taken: number;
  readonly buffer: number;
};
export type AttemptOutcome = 'reserved' | 'refused' | 'closed' | 'expired';
/** An order's attempt, or a checkout's: then `orderId` is the id of its reservation. */
export type Attempt = {
  readonly orderId: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly priority: number;
  readonly acceptedAt: string;
  readonly correlationId: string;
  readonly channel: string | null;
  readonly owner: 'order' | 'checkout';
  readonly expiresAt: string | null;
  readonly requestId: string | null;
  readonly contentHash: string | null;
};
/** Units that a line holds at a location. Of a kit, `parts` says what lies there for each. */
export type Reservation = Line &
  Shelf & {
    readonly orderId: string;
    readonly attempt: number;
    readonly consumed: number;
    readonly released: number;
    readonly parts: readonly Part[] | null;
    readonly priority: number;
    readonly acceptedAt: string;
    readonly correlationId: string;
    readonly channel: string | null;
    readonly owner: 'order' | 'checkout';
  };
export type OfferLine = Line & { readonly parts: readonly Part[] | null };
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
  readonly channel: string | null;
};
export type OfferState = 'open' | 'taken' | 'expired' | 'withdrawn';
export type Offer = {
  readonly offerId: string;
  readonly orderId: string;
  readonly locationId: string;
  readonly state: OfferState;
  readonly expiresAt: string;
  readonly lines: readonly OfferLine[];
};
/** Kits of an order line that left together, with what they consisted of. */
export type IssuedKit = Line & {
  readonly issueId: string;
  readonly orderId: string;
  readonly parts: readonly Part[];
  /** How many of them came back. */
  readonly returned: number;
};
/** A reservation of kits that is still open. */
export type HeldKit = Line & Shelf & { readonly orderId: string; readonly attempt: number };
/** A movement that a client asked for earlier. */
export type KnownMovement = {
  readonly movementId: string;
  readonly requestId: string | null;
  readonly contentHash: string;
  readonly answer: MovementAnswer;
};
export type Movement = Pile & {
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
  /** Who asked: the name, and the id. */
  readonly actor: string | null;
  readonly actorId: string | null;
};
/** How much of a supply's line a movement brought in or sent off. */
export type SupplyProgress = SupplyLine & {
  readonly step: 'dispatched' | 'received';
  readonly quantity: number;
};

/** What a batch of commands is decided on: every row that it may read or change, locked where it may change. */
export type LedgerRows = {
  readonly balances: readonly Balance[];
  readonly setAside: readonly SetAside[];
  readonly kits: readonly Kit[];
  readonly listings: readonly Listing[];
  readonly skus: readonly string[];
  readonly locations: readonly Location[];
  readonly attempts: readonly Attempt[];
  readonly reservations: readonly Reservation[];
  readonly backorders: readonly Backorder[];
  /** Shelves of whose waiting backorders only the first were read. */
  readonly longQueues: readonly Shelf[];
  readonly offers: readonly Offer[];
  /** Of orders whose goods come back: what left of kits, in that order, and what is still held. */
  readonly issuedKits: readonly IssuedKit[];
  readonly heldKits: readonly HeldKit[];
  readonly movements: readonly KnownMovement[];
  /** Causes that were carried out before. */
  readonly handled: readonly string[];
};
