import type {
  LedgerCause,
  LedgerRejection,
  Line,
  Part,
  Pile,
  ReservationEvent,
  Shelf,
} from './ledger.js';
import type {
  Attempt,
  Backorder,
  Balance,
  HeldKit,
  IssuedKit,
  KnownMovement,
  Listing,
  Location,
  Movement,
  Offer,
  OfferLine,
  Reservation,
  SetAside,
  SupplyProgress,
} from './rows.js';

type Mutable<Row> = { -readonly [Key in keyof Row]: Row[Key] };
export type BalanceEntry = Mutable<Balance> & {
  readonly before: Balance;
  /** Whose command took it to the other side of its safety stock. */
  crossedBy?: LedgerCause;
};
export type ReservationEntry = Mutable<Reservation>;
export type BackorderEntry = Mutable<Backorder>;
export type OfferEntry = Mutable<Omit<Offer, 'lines'>> & { lines: Mutable<OfferLine>[] };
export type SetAsideEntry = Mutable<SetAside> & { readonly before: SetAside };
export type ListingEntry = Mutable<Listing> & { readonly takenBefore: number };
export type IssuedKitEntry = Mutable<IssuedKit>;
export type MovementEntry = Mutable<Movement>;
export type Message = {
  readonly orderId: string;
  readonly event: ReservationEvent;
  readonly cause: LedgerCause;
};

/** A shelf whose safety stock was set to something else. */
export type SafetyStockSetting = Shelf & {
  readonly safetyStock: number;
  readonly cause: LedgerCause;
};

/**
 * The working copy that one batch of commands is decided on, in order. It changes as the commands go; the
 * function that makes it is pure all the same, since nobody else sees it.
 */
export type Books = {
  readonly now: string;
  readonly offersExpireAt: string;
  /** By SKU, then by location. */
  readonly balances: Map<string, Map<string, BalanceEntry>>;
  /** Shelves that the command at hand changed. */
  readonly touched: Set<BalanceEntry>;
  /** By pile. */
  readonly setAside: Map<string, SetAsideEntry>;
  /** What the kits that the batch has to do with consist of. */
  readonly kits: ReadonlyMap<string, readonly Part[]>;
  /** Channels that have a share of a SKU, by channel and SKU. */
  readonly listings: ReadonlyMap<string, ListingEntry>;
  readonly skus: ReadonlySet<string>;
  readonly locations: ReadonlyMap<string, Location>;
  readonly attempts: Map<string, Attempt>;
  /** The newest attempt of each checkout's reservation. */
  readonly holds: Map<string, Attempt>;
  /** Attempts of checkouts that their requests name. */
  readonly knownHolds: Map<string, Attempt>;
  /** By attempt, then by line and shelf. */
  readonly reservations: Map<string, Map<string, ReservationEntry>>;
  /** Of each SKU, in the order in which they are served; who waits for a kit waits for each of its parts. */
  readonly queues: Map<string, BackorderEntry[]>;
  /** Of each order, by line. */
  readonly backorders: Map<string, Map<string, BackorderEntry>>;
  readonly longQueues: ReadonlySet<string>;
  /** SKUs that somebody has come to wait for, or waits for again: any shelf may have some. */
  readonly wanted: Set<string>;
  readonly offers: Map<string, OfferEntry>;
  /** Offers made in this batch, by order and location, with what freed the stock. */
  readonly newOffers: Map<string, { readonly offer: OfferEntry; readonly cause: LedgerCause }>;
  /** Kits that left, by order line; and reservations of which some are still held. */
  readonly issuedKits: Map<string, IssuedKitEntry[]>;
  readonly heldKits: readonly HeldKit[];
  /** Movements that clients asked for, by id and by request. */
  readonly knownMovements: Map<string, KnownMovement>;
  readonly knownRequests: Map<string, KnownMovement>;
  readonly handled: Set<string>;
  readonly written: Written;
};

/** What the batch has to write, beside the balances that differ. */
export type Written = {
  readonly attempts: Set<Attempt>;
  readonly reservations: Set<ReservationEntry>;
  readonly backorders: Set<BackorderEntry>;
  readonly offers: Set<OfferEntry>;
  /** Only these: another batch may change the other lines of an offer at the same time. */
  readonly offerLines: Map<Mutable<OfferLine>, string>;
  readonly issuedKits: Set<IssuedKitEntry>;
  readonly movements: MovementEntry[];
  readonly supplies: SupplyProgress[];
  readonly handled: string[];
  readonly messages: Message[];
  readonly safetyStocks: SafetyStockSetting[];
};

const SEPARATOR = '\u001f';
export const keyOf = (...parts: readonly (string | number)[]): string => parts.join(SEPARATOR);
export const shelfKey = ({ sku, locationId }: Shelf): string => keyOf(sku, locationId);
export const lineKey = ({ lineId, sku }: { lineId: string; sku: string }): string =>
  keyOf(lineId, sku);

/** The row that is written for `key`, made on first use. */
export const entryOf = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

/** The shelf's balance; a shelf that never held anything stands at nothing. */
export const balanceOf = (books: Books, { sku, locationId }: Shelf): BalanceEntry => {
  const ofSku = entryOf(books.balances, sku, () => new Map<string, BalanceEntry>());
  return entryOf(ofSku, locationId, () => {
    const nothing: Balance = {
      sku,
      locationId,
      onHand: 0,
      reserved: 0,
      safetyStock: 0,
      uncounted: false,
      leadTimeDays: null,
      belowBuffer: false,
      version: 0,
    };
    return { ...nothing, before: nothing };
  });
};

/** The shelf's balance, to be changed. */
export const changing = (books: Books, shelf: Shelf): BalanceEntry => {
  const balance = balanceOf(books, shelf);
  books.touched.add(balance);
  return balance;
};

/** The goods in a condition that is not sellable; none at first. */
export const setAsideOf = (books: Books, { sku, locationId, condition }: Pile): SetAsideEntry =>
  entryOf(books.setAside, keyOf(sku, locationId, condition), () => {
    const nothing = { sku, locationId, condition, quantity: 0, version: 0 };
    return { ...nothing, before: nothing };
  });

/** What a shelf shows that is never short: more than any order may ask for. */
export const UNCOUNTED_UNITS = 1_000_000;

/** What the shelf can promise: never what is reserved or kept as safety stock. */
export const availableOf = ({
  onHand,
  reserved,
  safetyStock,
  uncounted,
}: Pick<Balance, 'onHand' | 'reserved' | 'safetyStock' | 'uncounted'>): number =>
  uncounted ? UNCOUNTED_UNITS : Math.max(0, onHand - reserved - safetyStock);

/** Null when goods may lie there; else what is not in the catalogue. */
export const unknownOf = (books: Books, { sku, locationId }: Shelf): LedgerRejection | null => {
  if (books.kits.has(sku)) return { code: 'kit-has-no-stock', sku };
  if (books.balances.get(sku)?.has(locationId)) return null;
  if (!books.skus.has(sku)) return { code: 'unknown-sku', sku };
  if (!books.locations.has(locationId)) return { code: 'unknown-location', locationId };
  return null;
};

export const openOf = ({ quantity, consumed, released }: Reservation): number =>
  quantity - consumed - released;

export const reservationKey = (
  row: Shelf & { readonly orderId: string; readonly attempt: number; readonly lineId: string },
): string => keyOf(row.orderId, row.attempt, row.lineId, row.sku, row.locationId);

export const reservationOf = (
  books: Books,
  row: Line & Shelf & { readonly orderId: string; readonly attempt: number },
): ReservationEntry | undefined =>
  books.reservations
    .get(keyOf(row.orderId, row.attempt))
    ?.get(keyOf(row.lineId, row.sku, row.locationId));

export const addReservation = (books: Books, row: ReservationEntry): void => {
  const ofAttempt = entryOf(books.reservations, keyOf(row.orderId, row.attempt), () => new Map());
  ofAttempt.set(keyOf(row.lineId, row.sku, row.locationId), row);
};

/** What one unit of a SKU takes from the shelves of a location: the parts of a kit, else itself. */
export const partsOf = ({
  sku,
  parts,
}: {
  readonly sku: string;
  readonly parts: readonly Part[] | null;
}): readonly Part[] => parts ?? [{ sku, perKit: 1 }];

/** Of a kit, its parts as they are now; null of anything else. */
export const kitOf = (books: Books, sku: string): readonly Part[] | null =>
  books.kits.get(sku) ?? null;

/** The SKUs in whose queues a place stands. */
export const queuesOf = (books: Books, { sku }: { readonly sku: string }): readonly string[] => [
  sku,
  ...(kitOf(books, sku) ?? []).map((part) => part.sku),
];

/** Notes a movement that a client asked for, so that it is answered again and not made again. */
export const remember = (books: Books, movement: KnownMovement): void => {
  books.knownMovements.set(movement.movementId, movement);
  if (movement.requestId !== null) books.knownRequests.set(movement.requestId, movement);
};

/** The order of the queue: priority, then age, then ids so that it is the same everywhere. */
export const byTurn = (a: Backorder, b: Backorder): number =>
  b.priority - a.priority ||
  compare(a.since, b.since) ||
  compare(a.orderId, b.orderId) ||
  compare(a.lineId, b.lineId);

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byLine = (a: Pick<Line, 'lineId' | 'sku'>, b: Pick<Line, 'lineId' | 'sku'>): number =>
  compare(a.lineId, b.lineId) || compare(a.sku, b.sku);

export const byShelf = (a: Shelf, b: Shelf): number =>
  compare(a.sku, b.sku) || compare(a.locationId, b.locationId);

/** True the first time; a message that comes again changes nothing. */
export const isFirst = (books: Books, { id }: LedgerCause): boolean => {
  if (books.handled.has(id)) return false;
  books.handled.add(id);
  books.written.handled.push(id);
  return true;
};

export const tell = (
  books: Books,
  orderId: string,
  event: ReservationEvent,
  cause: LedgerCause,
): void => {
  books.written.messages.push({ orderId, event, cause });
};
