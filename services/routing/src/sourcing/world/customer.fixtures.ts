import {
  OrderCancellationRequested,
  SourcingRequested,
  type CancellationSettled,
  type ContractMessage,
  type FulfillmentRecalled,
  type LineQuantity,
  type RecallRequested,
} from '@throughline/contracts';
import { SHIP } from '../domain/sourcing.fixtures.js';
import type { Topics } from './topics.fixtures.js';

/**
 * The order's own view of cancellations. Every unit asked for is answered once in effect: settled by routing, or
 * given back or refused by a location, or refused by it and settled by routing all the same. Sums are enough,
 * so the order of topics does not matter.
 */
export class SimulatedCustomer {
  readonly #requested: LineQuantity[] = [];
  readonly #settled: LineQuantity[] = [];
  readonly #settledAfterAll: LineQuantity[] = [];
  readonly #nothingLeft: LineQuantity[] = [];
  readonly #recalls = new Set<string>();
  readonly #answers: FulfillmentRecalled[] = [];
  /** By line: the most units that stood as unwanted at a time. */
  readonly #unwanted = new Map<string, number>();
  readonly #again: LineQuantity[] = [];
  #cancellations = 0;
  #requests = 0;

  constructor(
    private readonly orderId: string,
    private readonly ordered: readonly LineQuantity[],
    private readonly topics: Topics,
  ) {}

  handle({ type, data }: ContractMessage): void {
    if (type === 'CancellationSettled') {
      const { lines, recallId, refused } = data as CancellationSettled;
      this.#settled.push(...lines);
      if (recallId) this.#settledAfterAll.push(...lines);
      this.#nothingLeft.push(...(refused ?? []));
    }
    if (type === 'FulfillmentRecalled') this.#answers.push(data as FulfillmentRecalled);
    if (type !== 'RecallRequested') return;
    const { recallId, reason } = data as RecallRequested;
    if (reason === 'cancelled') this.#recalls.add(recallId);
  }

  cancel(index: number, quantity: number): void {
    const line = this.ordered[index % this.ordered.length]!;
    const before = unitsOf(this.#requested, line.lineId) - this.refused(line.lineId);
    const units = Math.min(quantity, line.quantity - before);
    if (units <= 0) return;
    const unwanted = Math.max(before + units, this.unwanted(line.lineId));
    this.#unwanted.set(line.lineId, unwanted);
    const lines = [{ ...line, quantity: units }];
    this.#requested.push(...lines);
    this.#cancellations += 1;
    const cancellationId = `cancellation-${this.#cancellations}`;
    const data = { orderId: this.orderId, cancellationId, lines };
    this.topics.publish(OrderCancellationRequested, this.orderId, data);
  }

  /** A person wants it sourced once more: perhaps lost goods on top, perhaps delivered otherwise. */
  sourceAgain(index: number, quantity: number, elsewhere: boolean): void {
    const line = this.ordered[index % this.ordered.length]!;
    const again = index % 3 === 0 ? [{ ...line, quantity }] : [];
    this.#again.push(...again);
    this.#requests += 1;
    const delivery = elsewhere ? { delivery: { ...SHIP, shipTo: null } } : {};
    const requestId = `request-${this.#requests}`;
    const data = { orderId: this.orderId, requestId, again, ...delivery };
    this.topics.publish(SourcingRequested, this.orderId, data);
  }

  again(lineId: string): number {
    return unitsOf(this.#again, lineId);
  }

  requested(lineId: string): number {
    return unitsOf(this.#requested, lineId);
  }

  unwanted(lineId: string): number {
    return this.#unwanted.get(lineId) ?? 0;
  }

  cancelled(lineId: string): number {
    const granted = this.#own().flatMap(({ lines }) => lines);
    return unitsOf([...this.#settled, ...granted], lineId);
  }

  refused(lineId: string): number {
    const refused = [...this.#own().flatMap((answer) => answer.refused), ...this.#nothingLeft];
    return unitsOf(refused, lineId) - unitsOf(this.#settledAfterAll, lineId);
  }

  #own(): FulfillmentRecalled[] {
    return this.#answers.filter(({ recallId }) => this.#recalls.has(recallId));
  }
}

const unitsOf = (lines: readonly LineQuantity[], lineId: string): number =>
  lines.reduce((sum, line) => sum + (line.lineId === lineId ? line.quantity : 0), 0);
