import { assertNever } from '@throughline/kernel';
import { keyOf, shelfKey } from './books.js';
import type { LedgerCommand, LedgerRequest, Line, Proposal, Release, Shelf } from './ledger.js';

export type AttemptKey = { readonly orderId: string; readonly attempt: number };

/** Shelves with how many units a batch may add to what they can promise (`raised`) or take away. */
export type ShelfUse = Shelf & {
  raised: number;
  /** Units that facts may take away; undefined where none can. */
  lowered?: number;
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
  readonly attempts: Map<string, AttemptKey>;
  /** Attempts whose reservations change. */
  readonly reservations: Map<string, AttemptKey>;
  readonly closing: Map<string, AttemptKey>;
  /** Orders whose places in the queue are read. */
  readonly orders: Set<string>;
  /** Offers named, and orders whose open offers may shrink. */
  readonly offerIds: Set<string>;
  readonly offersOf: Set<string>;
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

/** The rows that the requests may touch, as far as the requests themselves tell. */
export const footprintOf = (requests: readonly LedgerRequest[]): Footprint => {
  const footprint: Footprint = {
    shelves: new Map(),
    queueSkus: new Set(),
    spreadSkus: new Set(),
    attempts: new Map(),
    reservations: new Map(),
    closing: new Map(),
    orders: new Set(),
    offerIds: new Set(),
    offersOf: new Set(),
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
      for (const { sku } of data.lines) useShelf(footprint, { ...data, sku });
      return;
    case 'TakeBackGoods':
      footprint.causes.add(causeId);
      for (const { sku, quantity, disposition } of data.lines)
        if (disposition === 'restock') raise(footprint, { ...data, sku }, quantity);
      return;
    case 'MoveStock':
      return noteMovement(footprint, data, causeId);
    case 'SetSafetyStock':
      return raise(footprint, data, 0);
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

const noteProposal = (footprint: Footprint, proposal: Proposal): void => {
  const { orderId, attempt, final, offerId, allocations, backorders } = proposal;
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
  for (const { sku } of backorders) footprint.queueSkus.add(sku);
};

const noteMovement = (
  footprint: Footprint,
  request: Extract<LedgerCommand, { type: 'MoveStock' }>['data'],
  causeId: string,
): void => {
  const { type, quantity, movementId } = request;
  footprint.movementIds.add(movementId);
  footprint.requestIds.add(causeId);
  raise(
    footprint,
    request,
    type === 'damage' || type === 'transfer-out' ? 0 : Math.max(0, quantity),
  );
  // What offers lose may be served from elsewhere.
  if (type !== 'receipt' && type !== 'transfer-in') footprint.spreadSkus.add(request.sku);
  if (type === 'count') {
    lower(footprint, request, 0);
    const use = useShelf(footprint, request);
    use.countedAt = Math.min(use.countedAt ?? quantity, quantity);
  } else if (type === 'damage' || type === 'transfer-out') lower(footprint, request, quantity);
  else if (quantity < 0) lower(footprint, request, -quantity);
};
