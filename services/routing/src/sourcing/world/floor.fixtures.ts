import {
  FulfillmentHandedOver,
  FulfillmentRecalled,
  FulfillmentRejected,
  FulfillmentReleased,
  FulfillmentShorted,
  type ContractMessage,
  type FulfillmentLineProgress,
  type LineQuantity,
  type OrderSourced,
  type RecallRequested,
} from '@throughline/contracts';
import type { Topics } from './topics.fixtures.js';

const AT = '2026-11-01T09:30:00Z';

type Work = {
  readonly fulfillmentId: string;
  readonly locationId: string;
  readonly attempt: number;
  readonly lines: FulfillmentLineProgress[];
};

const activeOf = ({ released, shorted, cancelled }: FulfillmentLineProgress): number =>
  released - shorted - cancelled;

/** What locations do with their work: give back what is asked for unless it was handed over. */
export class SimulatedFloor {
  readonly work: Work[] = [];

  constructor(
    private readonly orderId: string,
    private readonly topics: Topics,
  ) {}

  handle({ type, data }: ContractMessage): void {
    if (type === 'OrderSourced') this.#release(data as OrderSourced);
    else if (type === 'RecallRequested') this.#recall(data as RecallRequested);
  }

  /** Units of a line that are with a location, handed over or not. */
  active(lineId: string): number {
    return this.#sum(lineId, activeOf);
  }

  handedOver(lineId: string): number {
    return this.#sum(lineId, ({ handedOver }) => handedOver);
  }

  short(index: number, quantity: number): void {
    this.#move(index, quantity, (line, units, work) => {
      line.shorted += units;
      const lines = [quantityOf(line, units)];
      const data = { ...this.#factOf(work), reason: 'not found', lines };
      this.topics.publish(FulfillmentShorted, this.orderId, data);
    });
  }

  handOver(index: number, quantity: number): void {
    this.#move(index, quantity, (line, units, work) => {
      line.handedOver += units;
      const packages = [{ packageId: 'package', shipmentId: null }];
      const lines = [quantityOf(line, units)];
      const data = { ...this.#factOf(work), receiver: 'carrier' as const, packages, lines };
      this.topics.publish(FulfillmentHandedOver, this.orderId, data);
    });
  }

  /** A rejection keeps what is packed: of each line at most so many units come back. */
  reject(index: number, unitsMax: number): void {
    const work = this.work[index % this.work.length];
    const lines = work?.lines.flatMap((line) => {
      const units = Math.min(unitsMax, activeOf(line) - line.handedOver);
      line.cancelled += units;
      return units > 0 ? [quantityOf(line, units)] : [];
    });
    if (!work || !lines?.length) return;
    const data = { ...this.#factOf(work), reason: 'too busy', lines };
    this.topics.publish(FulfillmentRejected, this.orderId, data);
  }

  #release({ allocations, attempt }: OrderSourced): void {
    for (const { fulfillmentId, locationId, lines } of allocations) {
      if (this.work.some((one) => one.fulfillmentId === fulfillmentId))
        throw new Error(`Two fulfillments are ${fulfillmentId}`);
      const progress = lines.map(({ lineId, sku, quantity }) => ({
        lineId,
        sku,
        released: quantity,
        picked: 0,
        packed: 0,
        handedOver: 0,
        shorted: 0,
        cancelled: 0,
      }));
      const work = { fulfillmentId, locationId, attempt, lines: progress };
      this.work.push(work);
      this.topics.publish(FulfillmentReleased, this.orderId, this.#factOf(work));
    }
  }

  #recall({ fulfillmentId, recallId, lines: wanted }: RecallRequested): void {
    const work = this.work.find((one) => one.fulfillmentId === fulfillmentId);
    if (!work) throw new Error(`${fulfillmentId} is recalled and unknown`);
    const lines: LineQuantity[] = [];
    const refused: LineQuantity[] = [];
    for (const { lineId, quantity } of wanted) {
      const line = work.lines.find((one) => one.lineId === lineId)!;
      const units = Math.min(quantity, activeOf(line) - line.handedOver);
      line.cancelled += units;
      if (units > 0) lines.push(quantityOf(line, units));
      if (units < quantity) refused.push(quantityOf(line, quantity - units));
    }
    const data = { ...this.#factOf(work), recallId, lines, refused };
    this.topics.publish(FulfillmentRecalled, this.orderId, data);
  }

  #move(
    index: number,
    quantity: number,
    move: (line: FulfillmentLineProgress, units: number, work: Work) => void,
  ): void {
    const open = this.work.flatMap((work) => work.lines.map((line) => ({ work, line })));
    const chosen = open[index % open.length];
    if (!chosen) return;
    const { work, line } = chosen;
    const units = Math.min(quantity, activeOf(line) - line.handedOver);
    if (units > 0) move(line, units, work);
  }

  #sum(lineId: string, unitsOf: (line: FulfillmentLineProgress) => number): number {
    const lines = this.work.flatMap((work) => work.lines);
    return lines.reduce((sum, line) => sum + (line.lineId === lineId ? unitsOf(line) : 0), 0);
  }

  #factOf({ fulfillmentId, locationId, attempt, lines }: Work) {
    const progress = lines.map((line) => ({ ...line }));
    return { orderId: this.orderId, fulfillmentId, locationId, attempt, at: AT, progress };
  }
}

const quantityOf = ({ lineId, sku }: FulfillmentLineProgress, quantity: number): LineQuantity => ({
  lineId,
  sku,
  quantity,
});
