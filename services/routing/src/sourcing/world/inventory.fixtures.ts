import {
  BackorderPromiseMoved,
  ReservationRevoked,
  StockOffered,
  StockRefused,
  StockReserved,
  type Allocation,
  type ContractMessage,
  type FulfillmentHandedOver,
  type LineQuantity,
  type SourcingProposed,
  type SourcingReleased,
  type StockShortage,
} from '@throughline/contracts';
import type { Stock } from '../domain/picture.js';
import { SimulatedHolds } from './holds.fixtures.js';
import { allocationsOf, less, sumOf } from './quantities.fixtures.js';
import { SimulatedQueue } from './queue.fixtures.js';
import type { Topics } from './topics.fixtures.js';

type Reservation = LineQuantity & { readonly attempt: number; readonly locationId: string };
type Offer = LineQuantity & { readonly offerId: string; readonly locationId: string };

const EXPIRES_AT = '2026-11-02T09:30:00Z';
const keyOf = (locationId: string, sku: string): string => `${locationId} ${sku}`;

/** Inventory as the contracts describe it, in memory: one ledger, one queue, one order. */
export class SimulatedInventory {
  readonly onHand = new Map<string, number>();
  readonly holds = new SimulatedHolds();
  /** SKUs that the catalogue lacks; the first goods of one bring its item along. */
  readonly unknown = new Set<string>();
  reservations: Reservation[] = [];
  offers: Offer[] = [];
  readonly queue = new SimulatedQueue();
  /** Releases that named more than there was; there are none while nothing was revoked or closed. */
  surplusReleases = 0;
  revocations = 0;
  #onlyLocationId: string | null = null;
  #offersMade = 0;
  #attempts = 0;
  /** Lines that took nothing of an offer, and where. */
  readonly #declined = new Set<string>();

  constructor(
    private readonly orderId: string,
    private readonly locations: readonly string[],
    private readonly topics: Topics,
  ) {}

  handle({ type, data }: ContractMessage): void {
    if (type === 'SourcingProposed') this.#answer(data as SourcingProposed);
    else if (type === 'SourcingReleased') this.#release(data as SourcingReleased);
    else if (type === 'FulfillmentHandedOver') this.#issue(data as FulfillmentHandedOver);
    this.#offerStock();
  }

  receive(locationId: string, sku: string, quantity: number): void {
    const key = keyOf(locationId, sku);
    this.unknown.delete(sku);
    this.onHand.set(key, (this.onHand.get(key) ?? 0) + quantity);
    this.#offerStock();
  }

  loseAll(locationId: string, sku: string): void {
    this.count(locationId, sku, 0);
  }

  /** A count found no more than this: earmarks go first, then the newest reservations are revoked. */
  count(locationId: string, sku: string, found: number): void {
    const key = keyOf(locationId, sku);
    const left = Math.min(found, this.onHand.get(key) ?? 0);
    this.onHand.set(key, left);
    const isHere = (held: Reservation | Offer) =>
      held.locationId === locationId && held.sku === sku;
    this.offers = this.offers.filter((offer) => !isHere(offer));
    this.holds.loseAll(locationId, sku);
    let excess = sumOf(this.reservations.filter(isHere)) - left;
    for (const held of this.reservations.filter(isHere).toReversed()) {
      const { attempt, lineId } = held;
      const quantity = Math.min(excess, held.quantity);
      if (quantity <= 0) break;
      excess -= quantity;
      this.revocations += 1;
      this.#reduce(held, quantity);
      const lines = [{ lineId, sku, quantity }];
      const data = { orderId: this.orderId, attempt, locationId, lines };
      this.topics.publish(ReservationRevoked, this.orderId, data);
    }
  }

  expireOffers(): void {
    this.offers = [];
    this.#offerStock();
  }

  /** Supply moved: all that waits is expected at another time. */
  movePromises(promisedOn: string): void {
    this.queue.promise(promisedOn);
    const data = { orderId: this.orderId, lines: this.queue.told() };
    if (data.lines.length > 0) this.topics.publish(BackorderPromiseMoved, this.orderId, data);
  }

  /** The checkout was left, or its time is up. */
  expireHold(reservationId: string): void {
    this.holds.expire(reservationId);
    this.#offerStock();
  }

  shrinkHold(index: number, quantity: number): void {
    this.holds.shrink(index, quantity);
    this.#offerStock();
  }

  /** What can be promised now. */
  stock(skus: readonly string[]): Stock[] {
    return this.locations.flatMap((locationId) =>
      skus.flatMap((sku) => {
        const available = this.#available(locationId, sku);
        return available > 0 ? [{ sku, locationId, available }] : [];
      }),
    );
  }

  reserved(lineId: string): number {
    return sumOf(this.reservations.filter((line) => line.lineId === lineId));
  }

  #available(locationId: string, sku: string): number {
    const taken = [...this.reservations, ...this.offers].filter(
      (held) => held.locationId === locationId && held.sku === sku,
    );
    const promised = sumOf(taken) + this.holds.unitsAt(locationId, sku);
    return (this.onHand.get(keyOf(locationId, sku)) ?? 0) - promised;
  }

  #answer(proposal: SourcingProposed): void {
    const { attempt, offerId, allocations, backorders, onlyLocationId } = proposal;
    if (attempt !== this.#attempts + 1) throw new Error(`Attempt ${attempt} is out of order`);
    this.#attempts = attempt;
    this.#onlyLocationId = onlyLocationId ?? null;
    for (const offer of this.offers.filter((one) => one.offerId === offerId))
      if (allocations.length === 0) this.#declined.add(keyOf(offer.locationId, offer.lineId));
    this.offers = this.offers.filter((offer) => !this.#isDeclined(offer));
    if (offerId) for (const { lines } of allocations) for (const line of lines) this.#unqueue(line);
    if (this.#refuse(proposal)) return;
    const reserved = [
      ...this.#takeOver(proposal),
      ...allocations.flatMap(({ locationId, lines }) =>
        lines.flatMap((line) => this.#reserve(attempt, locationId, line)),
      ),
    ];
    for (const line of backorders) this.queue.add(line);
    const backordered = this.queue.told();
    const taken = allocationsOf(reserved);
    const data = { orderId: this.orderId, attempt, allocations: taken, backordered };
    this.topics.publish(StockReserved, this.orderId, data);
  }

  #takeOver({ attempt, held, onlyLocationId }: SourcingProposed): Reservation[] {
    const takeovers = this.holds.takeOver(held ?? [], onlyLocationId ?? null);
    const taken = takeovers.map(({ line, locationId }) => ({ ...line, attempt, locationId }));
    for (const reservation of taken) this.#record(reservation);
    return taken;
  }

  /** What is there; the rest waits. */
  #reserve(attempt: number, locationId: string, line: LineQuantity): Reservation[] {
    const quantity = Math.min(line.quantity, this.#available(locationId, line.sku));
    this.queue.add({ ...line, quantity: line.quantity - quantity });
    if (quantity === 0) return [];
    const reservation = { ...line, quantity, attempt, locationId };
    this.#record(reservation);
    return [reservation];
  }

  /** What an attempt reserves of a line at a location adds up, wherever it comes from. */
  #record(reservation: Reservation): void {
    const { attempt, locationId, lineId, quantity } = reservation;
    const known = this.reservations.find(
      (one) => one.attempt === attempt && one.locationId === locationId && one.lineId === lineId,
    );
    const others = this.reservations.filter((one) => one !== known);
    const units = quantity + (known?.quantity ?? 0);
    this.reservations = [...others, { ...reservation, quantity: units }];
  }

  #refuse(proposal: SourcingProposed): boolean {
    const { attempt, allocations, final } = proposal;
    const held = proposal.held ?? [];
    const onlyLocationId = proposal.onlyLocationId ?? null;
    const shortages = final ? [] : this.#shortagesOf(allocations);
    const unknownSkus = this.#unknownIn(proposal);
    const hasLess = !this.holds.has(held, onlyLocationId);
    if (shortages.length === 0 && unknownSkus.length === 0 && !hasLess) return false;
    this.topics.publish(StockRefused, this.orderId, {
      orderId: this.orderId,
      attempt,
      shortages,
      ...(hasLess && { holds: this.holds.told(held, onlyLocationId) }),
      ...(unknownSkus.length > 0 && { unknownSkus }),
    });
    return true;
  }

  #unknownIn({ allocations, backorders }: SourcingProposed): string[] {
    const lines = [...backorders, ...allocations.flatMap((allocation) => allocation.lines)];
    const skus = new Set(lines.map(({ sku }) => sku));
    return [...skus].filter((sku) => this.unknown.has(sku));
  }

  #shortagesOf(allocations: readonly Allocation[]): StockShortage[] {
    return allocations.flatMap(({ locationId, lines }) =>
      [...new Set(lines.map(({ sku }) => sku))].flatMap((sku) => {
        const requested = sumOf(lines.filter((line) => line.sku === sku));
        const available = Math.max(0, this.#available(locationId, sku));
        return requested > available ? [{ sku, locationId, requested, available }] : [];
      }),
    );
  }

  #release({ reservations, backorders, reason, closesAttempt }: SourcingReleased): void {
    for (const { attempt, locationId, lineId, sku, quantity } of reservations) {
      const [held] = this.reservations.filter(
        (one) => one.attempt === attempt && one.locationId === locationId && one.lineId === lineId,
      );
      const released = Math.min(quantity, held?.quantity ?? 0);
      if (released < quantity && reason !== 'attempt-closed') this.surplusReleases += 1;
      if (held) this.#reduce(held, released);
      const key = keyOf(locationId, sku);
      if (reason === 'short') this.onHand.set(key, (this.onHand.get(key) ?? 0) - released);
    }
    if (closesAttempt)
      this.reservations = this.reservations.filter(({ attempt }) => attempt !== closesAttempt);
    for (const line of backorders) this.#drop(line);
  }

  #issue({ attempt, locationId, lines }: FulfillmentHandedOver): void {
    for (const line of lines) {
      const held = this.reservations.find(
        (one) =>
          one.attempt === attempt && one.locationId === locationId && one.lineId === line.lineId,
      );
      const issued = Math.min(line.quantity, held?.quantity ?? 0);
      if (held) this.#reduce(held, issued);
      const key = keyOf(locationId, line.sku);
      this.onHand.set(key, (this.onHand.get(key) ?? 0) - issued);
    }
  }

  #reduce(held: Reservation, quantity: number): void {
    this.reservations = this.reservations.flatMap((one) => {
      if (one !== held) return [one];
      return one.quantity > quantity ? [{ ...one, quantity: one.quantity - quantity }] : [];
    });
  }

  /** An offer is taken up: what it is about must be waiting. */
  #unqueue(line: LineQuantity): void {
    if (this.queue.units(line.lineId) < line.quantity)
      throw new Error(`Line ${line.lineId} takes an offer for more than it waits for`);
    this.#drop(line);
  }

  #drop(line: LineQuantity): void {
    const { lineId } = line;
    this.queue.drop(line);
    const offered = sumOf(this.offers.filter((offer) => offer.lineId === lineId));
    this.offers = less(this.offers, lineId, offered - this.queue.units(lineId));
  }

  #isDeclined({ locationId, lineId }: { readonly locationId: string; readonly lineId: string }) {
    return this.#declined.has(keyOf(locationId, lineId));
  }

  /** Whatever waits is offered what is free, at once. */
  #offerStock(): void {
    for (const locationId of this.locations) {
      if (this.#onlyLocationId !== null && locationId !== this.#onlyLocationId) continue;
      const offerId = `offer-${this.#offersMade}`;
      const lines: LineQuantity[] = [];
      for (const { lineId, sku } of this.queue.lines()) {
        const offered = sumOf(this.offers.filter((offer) => offer.lineId === lineId));
        const open = this.queue.units(lineId) - offered;
        const quantity = Math.min(open, this.#available(locationId, sku));
        if (quantity <= 0 || this.#isDeclined({ locationId, lineId })) continue;
        lines.push({ lineId, sku, quantity });
        this.offers.push({ lineId, sku, quantity, locationId, offerId });
      }
      if (lines.length === 0) continue;
      this.#offersMade += 1;
      const data = { orderId: this.orderId, offerId, locationId, expiresAt: EXPIRES_AT, lines };
      this.topics.publish(StockOffered, this.orderId, data);
    }
  }
}
