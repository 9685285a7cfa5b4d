import { assertNever } from '@throughline/kernel';
import { keyOf, shelfKey } from './books.js';
import type {
  Hold,
  LedgerCommand,
  LedgerRequest,
  Line,
  MovementRequest,
  Proposal,
  Release,
  Shelf,
} from './ledger.js';
import type { Kit } from './rows.js';

export type AttemptKey = { readonly orderId: string; readonly attempt: number };

export type ListingKey = { readonly channel: string; readonly sku: string };

/** Shelves with how many units a batch may add to what they can promise (`raised`) or take away. */
export type ShelfUse = Shelf & {
  raised: number;
  /** Units that facts may take away; undefined where none can. */
  lowered?: number;
  /** Its safety stock may change. */
  isKept?: boolean;
  /** The lowest count of the shelf. */
  countedAt?: number;
};

/** Which rows a batch of commands reads and changes, known before any of them is read. */
export type Footprint = {
  readonly shelves: Map<string, ShelfUse>;
  /** SKUs whose queue may change: each is locked as a whole. */
  readonly queueSkus: Set<string>;
  /** SKUs that may have to wait: what other shelves have of them is looked at too. */
  readonly spreadSkus: Set<string>;
  /** Shelves beside which goods in other conditions may change. */
  readonly asideOf: Map<string, Shelf>;
  /** SKUs that lines name: any of them may be a kit. */
  readonly lineSkus: Set<string>;
  /** Shares of channels that what is asked for counts for. */
  readonly listings: Map<string, ListingKey>;
  /** Reservations of checkouts whose holds are named. */
  readonly holdIds: Set<string>;
  readonly attempts: Map<string, AttemptKey>;
  /** Attempts whose reservations change. */
  readonly reservations: Map<string, AttemptKey>;
  readonly closing: Map<string, AttemptKey>;
  /** Orders whose places in the queue are read. */
  readonly orders: Set<string>;
  /** Offers named, and orders whose open offers may shrink. */
  readonly offerIds: Set<string>;
  readonly offersOf: Set<string>;
  /** Lines of goods that come back, and where. */
  readonly returns: (Line & Shelf & { readonly orderId: string })[];
  readonly movementIds: Set<string>;
  readonly requestIds: Set<string>;
  readonly causes: Set<string>;
};

export const useShelf = (footprint: Footprint, { sku, locationId }: Shelf): ShelfUse => {
  const key = shelfKey({ sku, locationId });
  const known = footprint.shelves.get(key);
  if (known) return known;
  const use: ShelfUse = { sku, locationId, raised: 0 };
  footprint.shelves.set(key, use);
  return use;
};

/** Notes that up to `units` of the shelf may come free for those who wait. */
export const raise = (footprint: Footprint, shelf: Shelf, units: number): void => {
  useShelf(footprint, shelf).raised += units;
  footprint.queueSkus.add(shelf.sku);
};

/** Notes that up to `units` may vanish from the shelf, so that claims on it may have to go. */
export const lower = (footprint: Footprint, shelf: Shelf, units: number): void => {
  const use = useShelf(footprint, shelf);
  use.lowered = (use.lowered ?? 0) + units;
  footprint.queueSkus.add(shelf.sku);
};

/** Notes a channel's share that the batch may use or give back. */
export const useListing = (
  footprint: Footprint,
  { channel, sku }: { readonly channel: string | null; readonly sku: string },
): void => {
  if (channel !== null) footprint.listings.set(keyOf(channel, sku), { channel, sku });
};

/**
 * Notes what kits are made of: whoever touches a kit touches its parts, and who waits for a kit waits for each
 * of its parts.
 */
export const spreadKits = (footprint: Footprint, kits: readonly Kit[]): void => {
  const { queueSkus, spreadSkus, shelves } = footprint;
  for (const { sku, parts } of kits) {
    const skus = [sku, ...parts.map((part) => part.sku)];
    for (const set of [queueSkus, spreadSkus])
      if (skus.some((one) => set.has(one))) for (const one of skus) set.add(one);
    for (const shelf of [...footprint.asideOf.values()])
      if (shelf.sku === sku)
        for (const part of parts) asideOf(footprint, { ...shelf, sku: part.sku });
    const ofKit = new Set(skus);
    for (const use of [...shelves.values()])
      if (ofKit.has(use.sku))
        for (const one of skus) {
          const shelf = useShelf(footprint, { sku: one, locationId: use.locationId });
          shelf.raised = Math.max(shelf.raised, use.raised);
        }
  }
};

/** The rows that the requests may touch, as far as the requests themselves tell. */
export const footprintOf = (requests: readonly LedgerRequest[]): Footprint => {
  const footprint: Footprint = {
    shelves: new Map(),
    queueSkus: new Set(),
    spreadSkus: new Set(),
    asideOf: new Map(),
    lineSkus: new Set(),
    listings: new Map(),
    holdIds: new Set(),
    attempts: new Map(),
    reservations: new Map(),
    closing: new Map(),
    orders: new Set(),
    offerIds: new Set(),
    offersOf: new Set(),
    returns: [],
    movementIds: new Set(),
    requestIds: new Set(),
    causes: new Set(),
  };
  for (const { command, cause } of requests) note(footprint, command, cause.id);
  return footprint;
};

const note = (footprint: Footprint, { type, data }: LedgerCommand, causeId: string): void => {
  switch (type) {
    case 'ProposeSourcing':
      return noteProposal(footprint, data);
    case 'ReleaseSourcing':
      return noteRelease(footprint, data, causeId);
    case 'HandOverGoods':
      footprint.causes.add(causeId);
      footprint.reservations.set(keyOf(data.orderId, data.attempt), data);
      for (const { sku } of data.lines) {
        useShelf(footprint, { ...data, sku });
        footprint.lineSkus.add(sku);
      }
      return;
    case 'TakeBackGoods':
      footprint.causes.add(causeId);
      for (const { lineId, sku, quantity } of data.lines) {
        const { orderId, locationId } = data;
        footprint.returns.push({ orderId, locationId, lineId, sku, quantity });
        raise(footprint, { ...data, sku }, quantity);
        footprint.lineSkus.add(sku);
        asideOf(footprint, { ...data, sku });
      }
      return;
    case 'MoveStock':
      return noteMovement(footprint, data, causeId);
    case 'KeepShelf':
      footprint.lineSkus.add(data.sku);
      raise(footprint, data, 0);
      useShelf(footprint, data).isKept = true;
      // What an uncounted shelf promised beyond its stock goes when it is counted again.
      if (data.uncounted === false) lower(footprint, data, 0);
      return;
    case 'HoldStock':
      return noteHold(footprint, data, causeId);
    case 'GiveBackHold':
      footprint.holdIds.add(data.reservationId);
      return;
    case 'GiveUpHolds':
      footprint.causes.add(causeId);
      for (const id of data.reservationIds) footprint.holdIds.add(id);
      return;
    case 'ExpireHolds':
      for (const id of data.reservationIds) footprint.holdIds.add(id);
      return;
    case 'ExpireOffers':
      for (const offerId of data.offerIds) footprint.offerIds.add(offerId);
      return;
    case 'OfferWaiting':
      for (const shelf of data.shelves) raise(footprint, shelf, 0);
      return;
    default:
      return assertNever(type);
  }
};

export const asideOf = (footprint: Footprint, { sku, locationId }: Shelf): void => {
  footprint.asideOf.set(shelfKey({ sku, locationId }), { sku, locationId });
};

const noteLines = (footprint: Footprint, lines: readonly Line[], channel: string | null): void => {
  for (const { sku } of lines) {
    footprint.lineSkus.add(sku);
    useListing(footprint, { channel, sku });
  }
};

const noteHold = (footprint: Footprint, hold: Hold, causeId: string): void => {
  const { reservationId, allocations, channel } = hold;
  footprint.holdIds.add(reservationId);
  footprint.requestIds.add(causeId);
  for (const { locationId, lines } of allocations) {
    noteLines(footprint, lines, channel);
    for (const { sku } of lines) useShelf(footprint, { sku, locationId });
  }
};

const noteProposal = (footprint: Footprint, proposal: Proposal): void => {
  const { orderId, attempt, final, offerId, allocations, backorders, held, channel } = proposal;
  for (const lines of [...allocations.map((one) => one.lines), backorders, held])
    noteLines(footprint, lines, channel);
  for (const { reservationId } of held) footprint.holdIds.add(reservationId);
  footprint.attempts.set(keyOf(orderId, attempt), { orderId, attempt });
  footprint.orders.add(orderId);
  for (const { locationId, lines } of allocations)
    for (const { sku } of lines) useShelf(footprint, { sku, locationId });
  if (offerId !== null) {
    footprint.offerIds.add(offerId);
    footprint.offersOf.add(orderId);
  }
  const mayWait: Line[] = [...backorders];
  if (final || offerId !== null) mayWait.push(...allocations.flatMap(({ lines }) => lines));
  for (const { sku } of mayWait) {
    footprint.queueSkus.add(sku);
    footprint.spreadSkus.add(sku);
  }
};

const noteRelease = (footprint: Footprint, release: Release, causeId: string): void => {
  const { orderId, closesAttempt, reservations, backorders } = release;
  footprint.causes.add(causeId);
  for (const { attempt, quantity, ...line } of reservations) {
    footprint.reservations.set(keyOf(orderId, attempt), { orderId, attempt });
    raise(footprint, line, quantity);
  }
  if (closesAttempt !== null) {
    const closed = { orderId, attempt: closesAttempt };
    const key = keyOf(orderId, closesAttempt);
    footprint.attempts.set(key, closed);
    footprint.reservations.set(key, closed);
    footprint.closing.set(key, closed);
  }
  if (backorders.length === 0) return;
  footprint.orders.add(orderId);
  footprint.offersOf.add(orderId);
  for (const { sku } of backorders) {
    footprint.queueSkus.add(sku);
    footprint.lineSkus.add(sku);
  }
};

const noteMovement = (footprint: Footprint, request: MovementRequest, causeId: string): void => {
  const { type, quantity, movementId, sku, toLocationId } = request;
  footprint.movementIds.add(movementId);
  footprint.requestIds.add(causeId);
  footprint.lineSkus.add(sku);
  asideOf(footprint, request);
  if (toLocationId !== null) {
    raise(footprint, { sku, locationId: toLocationId }, 0);
    asideOf(footprint, { sku, locationId: toLocationId });
  }
  const isLeaving = type === 'damage' || type === 'transfer-out';
  raise(footprint, request, isLeaving ? 0 : Math.max(0, quantity));
  // What offers lose may be served from elsewhere.
  if (type !== 'receipt' && type !== 'transfer-in') footprint.spreadSkus.add(sku);
  if (type === 'count' || type === 'feed') {
    lower(footprint, request, 0);
    const use = useShelf(footprint, request);
    use.countedAt = Math.min(use.countedAt ?? quantity, quantity);
  } else if (isLeaving || type === 'disposition') lower(footprint, request, quantity);
  else if (quantity < 0) lower(footprint, request, -quantity);
};
