import {
  contractOf,
  contracts,
  OrderApproved,
  type ContractMessage,
  type Topic,
} from '@throughline/contracts';
import type { RecordedEvent } from '@throughline/event-store';
import { needsPlan } from '../domain/attempt.js';
import { linesOf } from '../domain/evolution.js';
import { unitsOf, type Lines } from '../domain/lines.js';
import { EMPTY_PICTURE, type Picture } from '../domain/picture.js';
import { sourcing } from '../domain/sourcing.decider.js';
import { ORDER, pickupAt, SHIP } from '../domain/sourcing.fixtures.js';
import type { OrderedLine, Sourcing, SourcingCommand, SourcingEvent } from '../domain/sourcing.js';
import { fulfillmentConsumer } from '../fulfillment.consumer.js';
import { orderConsumer } from '../order.consumer.js';
import { reservationConsumer } from '../reservation.consumer.js';
import { sourcingCodec } from '../sourcing.codec.js';
import type { Carry } from '../sourcing-handler.js';
import { sourcingPublisher } from '../sourcing.publisher.js';
import { SimulatedCustomer } from './customer.fixtures.js';
import { SimulatedFloor } from './floor.fixtures.js';
import { SimulatedInventory } from './inventory.fixtures.js';
import { Topics } from './topics.fixtures.js';

/** Deliveries after which a world that does not come to rest never will. */
const DELIVERIES_MAX = 2_000;

/** When no rejection bars a location any more. */
const NEXT_DAY = '2026-11-02T09:30:00Z';

type Reader = 'routing' | 'inventory' | 'floor' | 'customer';
const ROUTES: readonly (readonly [Topic, Reader])[] = [
  ['oms.order', 'routing'],
  ['oms.reservation', 'routing'],
  ['oms.fulfillment', 'routing'],
  ['oms.sourcing', 'inventory'],
  ['oms.fulfillment', 'inventory'],
  ['oms.sourcing', 'floor'],
  ['oms.sourcing', 'customer'],
  ['oms.fulfillment', 'customer'],
];

/** Routing's own code among simulated neighbours, with one order. */
export class World {
  readonly topics = new Topics();
  readonly inventory: SimulatedInventory;
  readonly floor: SimulatedFloor;
  readonly customer: SimulatedCustomer;
  readonly events: SourcingEvent[] = [];
  state: Sourcing = sourcing.initialState;
  readonly #causes = new Set<string>();
  readonly #consumers;
  #picture: Picture = EMPTY_PICTURE;

  constructor(
    readonly locations: readonly string[],
    readonly ordered: readonly OrderedLine[],
    readonly onlyLocationId: string | null = null,
  ) {
    this.inventory = new SimulatedInventory(ORDER.orderId, locations, this.topics);
    this.floor = new SimulatedFloor(ORDER.orderId, this.topics);
    const wanted = ordered.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
    this.customer = new SimulatedCustomer(ORDER.orderId, wanted, this.topics);
    const read = async (): Promise<Picture> => this.#picture;
    const carry: Carry = async (_, command, cause) => {
      this.#apply(command, cause.id);
      if (!needsPlan(this.state)) return;
      this.#plan(`${cause.id}-plan`, ORDER.acceptedAt);
    };
    this.#consumers = [
      orderConsumer(carry, read),
      reservationConsumer(carry),
      fulfillmentConsumer(carry, read),
    ];
    this.look();
  }

  approve(): void {
    const { orderId, orderNumber, acceptedAt, priority } = ORDER;
    const place = this.onlyLocationId === null ? SHIP : pickupAt(this.onlyLocationId);
    const delivery = { ...place, shipTo: null };
    const lines = [...this.ordered];
    const head = { orderId, orderNumber, acceptedAt, priority, channel: 'web', delivery };
    this.topics.publish(OrderApproved, orderId, { ...head, lines });
  }

  /** Brings routing's picture up to date; until then it decides on an old one. */
  look(): void {
    const skus = [...new Set(this.ordered.map(({ sku }) => sku))];
    const locations = this.locations.map((locationId) => ({
      locationId,
      geo: null,
      active: true,
    }));
    const stock = this.inventory.stock(skus);
    this.#picture = { locations, stock, active: locations.length, inactive: 0 };
  }

  /** Sources again what failed, once the items that it waits for are there, or the time that bars it is over. */
  resume(): void {
    const { failure, unknownSkus } = this.state;
    if (failure === null) return;
    if (unknownSkus.some((sku) => this.inventory.unknown.has(sku))) return;
    this.#plan(`resume-${this.events.length}`, NEXT_DAY);
  }

  /** Delivers one message on one of the routes that have any; `choice` says which. */
  async deliver(choice: number): Promise<boolean> {
    const ready = ROUTES.filter(([topic, reader]) => this.topics.hasNext(topic, reader));
    const route = ready[choice % ready.length];
    if (!route) return false;
    const [topic, reader] = route;
    const message = this.topics.next(topic, reader)!;
    if (reader === 'routing') await this.#hear(message);
    else this[reader].handle(message);
    return true;
  }

  /** Delivers to routing again what it has seen before. */
  async repeat(choice: number): Promise<void> {
    const seen = ROUTES.flatMap(([topic, reader]) =>
      reader === 'routing' ? this.topics.seen(topic, reader) : [],
    );
    const message = seen[choice % seen.length];
    if (message) await this.#hear(message);
  }

  /** Delivers until nothing is on its way any more. */
  async rest(): Promise<void> {
    for (let count = 0; await this.deliver(count); count += 1)
      if (count > DELIVERIES_MAX) throw new Error('The world never comes to rest');
  }

  #plan(cause: string, at: string): void {
    this.#apply({ type: 'PlanAttempt', data: { picture: this.#picture, at } }, cause);
  }

  async #hear(message: ContractMessage): Promise<void> {
    const reader = this.#consumers.find(({ topic }) => topic === message.topic)!;
    await reader.handlers.get(message.type)?.handle(message as never);
  }

  #apply(command: SourcingCommand, cause: string): void {
    if (this.#causes.has(cause)) return;
    const decision = sourcing.decide(command, this.state);
    if (!decision.ok) throw new Error('Sourcing refuses nothing');
    for (const event of decision.events) {
      this.#causes.add(cause);
      const after = sourcing.evolve(this.state, event);
      conserves(this.state, event, after);
      this.state = after;
      for (const message of sourcingPublisher.map(this.#recorded(event))) this.#publish(message);
      this.events.push(event);
    }
  }

  #publish(message: ContractMessage): void {
    const errors = contractOf(contracts().get(message.type)!).validate(message.data);
    if (errors.length > 0) throw new Error(`${message.type}: ${JSON.stringify(errors)}`);
    this.topics.add(message);
  }

  #recorded(event: SourcingEvent): RecordedEvent {
    const revision = this.events.length;
    const { type, version, data } = sourcingCodec.encode(event);
    // What is stored is JSON: nothing else may matter.
    return {
      id: `event-${revision}`,
      type,
      version,
      data: JSON.parse(JSON.stringify(data)),
      metadata: { at: ORDER.acceptedAt, causationId: 'world', correlationId: 'world' },
      stream: `sourcing-${ORDER.orderId}`,
      revision,
      position: BigInt(revision + 1),
    };
  }
}

/** Units of the order wherever they are; what is cancelled is nowhere. */
const everywhere = ({ open, inFlight, waiting, work, heldBack }: Sourcing): number =>
  [
    open,
    inFlight ? linesOf(inFlight) : [],
    waiting,
    ...[...work.values()].map((at) => at.lines),
    heldBack,
  ]
    .map(unitsOf)
    .reduce((sum, units) => sum + units, 0);

/** What an event takes out of sourcing for good. */
const leaving = ({ inFlight }: Sourcing, { type, data }: SourcingEvent): Lines[] => {
  switch (type) {
    case 'LinesCancelled':
      return [data.open, data.waiting, data.closes?.lines ?? []];
    case 'AttemptSettled':
      return [data.released.backorders, data.released.reservations];
    case 'AttemptRefused':
      return [inFlight!.cancelled];
    case 'SourcingReopened':
      return data.closes ? [inFlight!.cancelled] : [];
    case 'RecallAnswered':
      return data.reason === 'cancelled' ? [data.lines, data.settled?.lines ?? []] : [];
    default:
      return [];
  }
};

const conserves = (before: Sourcing, event: SourcingEvent, after: Sourcing): void => {
  if (event.type === 'SourcingStarted') return;
  const gone = leaving(before, event).reduce((sum, lines) => sum + unitsOf(lines), 0);
  const added = event.type === 'SourcingReopened' ? unitsOf(event.data.again) : 0;
  if (everywhere(after) !== everywhere(before) - gone + added)
    throw new Error(`${event.type} loses or doubles units`);
  if (event.type === 'SourcingProposed' && before.inFlight)
    throw new Error('Two attempts are under way');
};
