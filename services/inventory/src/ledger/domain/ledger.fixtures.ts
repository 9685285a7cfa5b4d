import { derivedId } from '@throughline/kernel';
import { keyOf, lineKey, openOf, partsOf, reservationKey, shelfKey } from './books.js';
import type { Backorder, Balance, LedgerRows, Listing, Movement } from './rows.js';
import { decideBatch, type LedgerChanges, type LedgerDecision } from './ledger.decider.js';
import type {
  Allocation,
  InspectedReturn,
  LedgerCommand,
  LedgerRequest,
  Line,
  MovementRequest,
  Part,
  Pile,
  Proposal,
  Release,
  RequestedMovement,
  ReservationEvent,
  Shelf,
} from './ledger.js';

export const NOW = '2026-11-01T10:00:00.000Z';
export const LATER = '2026-11-01T10:10:00.000Z';
export const MUCH_LATER = '2026-11-01T11:00:00.000Z';
export const ACCEPTED = '2026-11-01T09:00:00.000Z';
const CLOCK = { now: NOW, offersExpireAt: LATER };

export const EMPTY: LedgerRows = {
  balances: [],
  setAside: [],
  kits: [],
  listings: [],
  skus: ['A', 'B'],
  locations: ['L1', 'L2', 'L3'].map((locationId) => ({
    locationId,
    active: true,
    type: 'warehouse',
  })),
  attempts: [],
  reservations: [],
  backorders: [],
  longQueues: [],
  offers: [],
  issuedKits: [],
  heldKits: [],
  movements: [],
  handled: [],
};

export const line = (lineId: string, sku: string, quantity: number): Line => ({
  lineId,
  sku,
  quantity,
});
export const at = (locationId: string, ...lines: Line[]): Allocation => ({ locationId, lines });

export const propose = (
  orderId: string,
  attempt: number,
  allocations: readonly Allocation[],
  more: Partial<Proposal> = {},
): LedgerCommand => ({
  type: 'ProposeSourcing',
  data: {
    orderId,
    attempt,
    final: false,
    priority: 0,
    acceptedAt: ACCEPTED,
    onlyLocationId: null,
    offerId: null,
    allocations,
    backorders: [],
    held: [],
    channel: null,
    holdsOfChannel: null,
    ...more,
  },
});

export const proposeFinally = (
  orderId: string,
  attempt: number,
  allocations: readonly Allocation[],
  more: Partial<Proposal> = {},
): LedgerCommand => propose(orderId, attempt, allocations, { final: true, ...more });

export const release = (orderId: string, more: Partial<Release>): LedgerCommand => ({
  type: 'ReleaseSourcing',
  data: {
    orderId,
    reason: 'cancelled',
    closesAttempt: null,
    reservations: [],
    backorders: [],
    ...more,
  },
});

export const handOver = (
  orderId: string,
  attempt: number,
  locationId: string,
  ...lines: Line[]
): LedgerCommand => ({ type: 'HandOverGoods', data: { orderId, attempt, locationId, lines } });

export const takeBack = (
  orderId: string,
  locationId: string,
  lines: InspectedReturn['lines'],
): LedgerCommand => ({
  type: 'TakeBackGoods',
  data: { orderId, returnId: `${orderId}.1`, locationId, lines },
});

/** A shelf of nothing, but for what is said. */
export const balance = (more: Partial<Balance> = {}): Balance => ({
  sku: 'A',
  locationId: 'L1',
  onHand: 0,
  reserved: 0,
  safetyStock: 0,
  uncounted: false,
  leadTimeDays: null,
  belowBuffer: false,
  version: 1,
  ...more,
});

let movements = 0;
export const move = (
  type: RequestedMovement,
  sku: string,
  locationId: string,
  quantity: number,
  more: Partial<MovementRequest> = {},
): LedgerCommand => ({
  type: 'MoveStock',
  data: {
    movementId: `movement-${(movements += 1)}`,
    contentHash: `${type} ${sku} ${locationId} ${quantity}`,
    type,
    sku,
    locationId,
    quantity,
    condition: null,
    toCondition: null,
    toLocationId: null,
    supply: null,
    reason: null,
    reference: null,
    ...more,
  },
});
export const receive = (sku: string, locationId: string, quantity: number): LedgerCommand =>
  move('receipt', sku, locationId, quantity);

let causes = 0;
/** The command as a message or request brings it. */
export const request = (
  command: LedgerCommand,
  cause: LedgerRequest['cause'] = { id: derivedId('spec', (causes += 1)) },
): LedgerRequest => ({ command, cause });

/** What the tables hold once the changes are written. */
export const written = (rows: LedgerRows, changes: LedgerChanges): LedgerRows => {
  const merged = <Row>(
    before: readonly Row[],
    after: readonly Row[],
    key: (row: Row) => string,
  ): Row[] => [...new Map([...before, ...after].map((row) => [key(row), row])).values()];
  const lines = changes.offerLines;
  return {
    ...rows,
    balances: merged(rows.balances, changes.balances, shelfKey),
    setAside: merged(rows.setAside, changes.setAside, (row) => keyOf(shelfKey(row), row.condition)),
    listings: merged(rows.listings, changes.listings, (row) => keyOf(row.channel, row.sku)),
    attempts: merged(rows.attempts, changes.attempts, (row) => keyOf(row.orderId, row.attempt)),
    reservations: merged(rows.reservations, changes.reservations, reservationKey),
    backorders: merged(rows.backorders, changes.backorders, (row) =>
      keyOf(row.orderId, lineKey(row)),
    ).filter(({ quantity }) => quantity > 0),
    offers: merged(rows.offers, changes.offers, ({ offerId }) => offerId).map((offer) => ({
      ...offer,
      lines: merged(
        rows.offers.find(({ offerId }) => offerId === offer.offerId)?.lines ?? [],
        lines
          .filter(({ offerId }) => offerId === offer.offerId)
          .map(({ lineId, sku, quantity, parts }) => ({ lineId, sku, quantity, parts })),
        lineKey,
      ),
    })),
    issuedKits: merged(rows.issuedKits, changes.issuedKits, ({ issueId }) => issueId),
    movements: merged(
      rows.movements,
      changes.movements.flatMap(({ movementId, requestId, contentHash, answer }) =>
        movementId && answer && contentHash ? [{ movementId, requestId, contentHash, answer }] : [],
      ),
      ({ movementId }) => movementId,
    ),
    handled: [...rows.handled, ...changes.handled],
  };
};

export type Told = ReservationEvent & { readonly orderId: string };

/** A ledger in memory: every call is one batch, decided on what the calls before it left. */
export const ledger = (
  start: LedgerRows = EMPTY,
): {
  rows: LedgerRows;
  movements: Movement[];
  told: ReservationEvent[];
  batch(requests: readonly LedgerRequest[], clock?: typeof CLOCK): LedgerDecision;
  do(...commands: LedgerCommand[]): ReservationEvent[];
  shelf(sku: string, locationId: string): { onHand: number; reserved: number };
} => ({
  rows: start,
  movements: [],
  told: [],
  batch(requests, clock = CLOCK) {
    const decision = decideBatch(this.rows, requests, clock);
    this.rows = written(this.rows, decision.changes);
    this.movements.push(...decision.changes.movements);
    this.told.push(...decision.changes.messages.map(({ event }) => event));
    return decision;
  },
  do(...commands) {
    const { changes } = this.batch(commands.map((command) => request(command)));
    return changes.messages.map(({ event }) => event);
  },
  shelf(sku, locationId) {
    const { onHand, reserved } = this.rows.balances.find(
      (row) => row.sku === sku && row.locationId === locationId,
    ) ?? { onHand: 0, reserved: 0 };
    return { onHand, reserved };
  },
});

/** A ledger whose shelves were filled by receipts. */
export const stocked = (...shelves: readonly (readonly [string, string, number])[]) => {
  const filled = ledger();
  filled.do(...shelves.map(([sku, locationId, quantity]) => receive(sku, locationId, quantity)));
  return filled;
};

/** Everything that contradicts itself in the rows; nothing when all is well. */
export const contradictions = (rows: LedgerRows, moved: readonly Movement[]): readonly string[] => {
  const claims = new Map<string, number>();
  const add = (key: string, quantity: number): void =>
    void claims.set(key, (claims.get(key) ?? 0) + quantity);
  const addParts = (
    row: Shelf & { readonly parts: readonly Part[] | null },
    units: number,
  ): void => {
    const { locationId } = row;
    for (const { sku, perKit } of partsOf(row)) add(shelfKey({ sku, locationId }), units * perKit);
  };
  for (const row of rows.reservations) addParts(row, openOf(row));
  const offered = new Map<string, number>();
  for (const offer of rows.offers.filter(({ state }) => state === 'open'))
    for (const held of offer.lines) {
      addParts({ ...held, locationId: offer.locationId }, held.quantity);
      const key = keyOf(offer.orderId, lineKey(held));
      offered.set(key, (offered.get(key) ?? 0) + held.quantity);
    }
  const found: string[] = [];
  for (const balance of rows.balances) found.push(...wrongBalance(balance, claims, moved));
  for (const row of rows.backorders)
    if (row.offered !== (offered.get(keyOf(row.orderId, lineKey(row))) ?? 0))
      found.push(`offered to ${row.orderId} ${row.lineId}: ${row.offered}`);
    else if (row.offered > row.quantity) found.push(`too much offered to ${row.orderId}`);
  for (const pile of rows.setAside) {
    const { sku, locationId, condition, quantity } = pile;
    const sum = unitsMoved(moved, pile);
    if (sum !== quantity || quantity < 0)
      found.push(`${sku} ${locationId} ${condition}: ${quantity} set aside, ${sum} moved`);
  }
  for (const listing of rows.listings) found.push(...wrongShare(listing, rows));
  found.push(...overtaken(rows));
  return found;
};

const unitsMoved = (moved: readonly Movement[], pile: Pile): number =>
  moved
    .filter((row) => row.condition === pile.condition && shelfKey(row) === shelfKey(pile))
    .reduce((total, { quantity }) => total + quantity, 0);

/** A channel has taken what it holds, was offered and was handed over, and never more than its share. */
const wrongShare = ({ channel, sku, taken, quota }: Listing, rows: LedgerRows): string[] => {
  const held = rows.reservations
    .filter((row) => row.channel === channel && row.sku === sku)
    .reduce((sum, { quantity, released }) => sum + quantity - released, 0);
  const offered = rows.backorders
    .filter((row) => row.channel === channel && row.sku === sku)
    .reduce((sum, row) => sum + row.offered, 0);
  return [
    ...(taken === held + offered ? [] : [`${channel} ${sku}: ${taken} taken, ${held + offered}`]),
    ...(quota !== null && taken > quota ? [`${channel} ${sku}: ${taken} of ${quota}`] : []),
  ];
};

const wrongBalance = (
  balance: Balance,
  claims: ReadonlyMap<string, number>,
  moved: readonly Movement[],
): string[] => {
  const { onHand, reserved, uncounted } = balance;
  const key = shelfKey(balance);
  const sum = unitsMoved(moved, { ...balance, condition: 'sellable' });
  return [
    ...(reserved < 0 || (reserved > onHand && !uncounted)
      ? [`${key}: ${reserved} of ${onHand} reserved`]
      : []),
    ...(sum === onHand ? [] : [`${key}: ${onHand} on hand, ${sum} moved`]),
    ...((claims.get(key) ?? 0) === reserved
      ? []
      : [`${key}: ${reserved} reserved, ${claims.get(key) ?? 0} claimed`]),
  ];
};

/** Stock that anybody could take although somebody who waits could use it. */
const overtaken = (rows: LedgerRows): string[] =>
  rows.backorders.flatMap((row) =>
    row.offered === row.quantity
      ? []
      : rows.locations
          .filter(
            ({ locationId, active }) =>
              active &&
              (row.onlyLocationId ?? locationId) === locationId &&
              !row.declined.includes(locationId) &&
              usable(rows, row, locationId) > 0,
          )
          .map(({ locationId }) => `owed to ${row.orderId} and free: ${row.sku} ${locationId}`),
  );

/** Units that a backorder could have of a location: of a kit whole ones, within its channel's share. */
const usable = (rows: LedgerRows, { sku, channel }: Backorder, locationId: string): number => {
  const parts = rows.kits.find((kit) => kit.sku === sku)?.parts ?? [{ sku, perKit: 1 }];
  const listing = rows.listings.find((one) => one.channel === channel && one.sku === sku);
  const units = parts.map((part) => {
    const shelf = rows.balances.find(
      (row) => row.sku === part.sku && row.locationId === locationId,
    );
    if (!shelf) return 0;
    if (shelf.uncounted) return Number.MAX_SAFE_INTEGER;
    return Math.floor((shelf.onHand - shelf.reserved - shelf.safetyStock) / part.perKit);
  });
  const room = (listing?.quota ?? Number.MAX_SAFE_INTEGER) - (listing?.taken ?? 0);
  return Math.min(...units, room + (listing?.buffer ?? 0)) - (listing?.buffer ?? 0);
};
