import type { RecordedEvent } from '@throughline/event-store';
import { assertNever, type GeoPoint } from '@throughline/kernel';
import type { Bar } from '../sourcing/domain/bars.js';
import { evolve, initialState } from '../sourcing/domain/evolution.js';
import { summed, unitsOf, type Lines } from '../sourcing/domain/lines.js';
import type { Allocation, Candidate, Explanation, Stock } from '../sourcing/domain/picture.js';
import type {
  Backordered,
  FailureReason,
  HeldLine,
  HoldStock,
  Released,
  Sourcing,
  SourcingEvent,
} from '../sourcing/domain/sourcing.js';
import { sourcingCodec } from '../sourcing/sourcing.codec.js';

export type DecisionStatus =
  'open' | 'proposed' | 'sourced' | 'backordered' | 'failed' | 'cancelled';
export type Outcome =
  'proposed' | 'refused' | 'reserved' | 'partly-reserved' | 'backordered' | 'cancelled';

export type AttemptView = {
  readonly attempt: number;
  readonly proposedAt: string;
  readonly outcome: Outcome;
  readonly settledAt: string | null;
  readonly final: boolean;
  /** Set where the attempt takes stock that was offered to the order's backorder. */
  readonly offerId: string | null;
  readonly allocations: readonly Allocation[];
  readonly backorders: Lines;
  /** Taken over from checkout holds, wherever those lie. */
  readonly held: readonly HeldLine[];
  readonly candidates: readonly Candidate[];
  readonly others: Explanation['others'] | null;
  readonly method: Explanation['method'] | null;
  readonly steps: number | null;
  readonly policyVersion: string | null;
  readonly engineVersion: number | null;
  /** What inventory really had, where it refused. */
  readonly shortages: readonly Stock[];
  /** What the checkout holds had, where that was why. */
  readonly holds: readonly HoldStock[];
  /** SKUs that no catalogue lists, where that was why. */
  readonly unknownSkus: readonly string[];
  /** What became work. */
  readonly released: readonly Released[];
};

/** Something that changed what an earlier attempt had decided. */
export type ChangeView = {
  readonly at: string;
  readonly change:
    | 'short'
    | 'rejected'
    | 'revoked'
    | 'recalled'
    | 'cancelled'
    | 'disowned'
    | 'offer-barred'
    | 'sourced-again';
  readonly fulfillmentId: string | null;
  readonly locationId: string | null;
  readonly lines: Lines;
};

/** How an order's sourcing was decided, attempt by attempt. */
export type Decision = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly status: DecisionStatus;
  readonly failure: FailureReason | null;
  readonly destination: GeoPoint | null;
  readonly attempts: readonly AttemptView[];
  readonly changes: readonly ChangeView[];
  /** All that waits in the queue now. */
  readonly backordered: readonly Backordered[];
  /** What locations gave back and are not asked for again, and until when. */
  readonly bars: readonly BarView[];
};

/** `until` null: until a person asks for it, or, after a short, until more lies there than was `seen`. */
export type BarView = Omit<Bar, 'seen'> & { readonly seen: number | null };

/** Folds the stream of one order's sourcing; undefined where there is none. */
export const decisionOf = (recorded: readonly RecordedEvent[]): Decision | undefined => {
  const attempts = new Map<number, AttemptView>();
  const changes: ChangeView[] = [];
  let state = initialState;
  for (const each of recorded) {
    const event = sourcingCodec.decode(each);
    attemptAfter(attempts, event, each.metadata.at);
    changes.push(...changesOf(event, each.metadata.at));
    state = evolve(state, event);
  }
  if (!state.order) return undefined;
  const { orderId, orderNumber, destination } = state.order;
  const { failure, waiting: backordered } = state;
  const head = { orderId, orderNumber, status: statusOf(state), failure, destination };
  return { ...head, attempts: [...attempts.values()], changes, backordered, bars: barsOf(state) };
};

const barsOf = ({ bars }: Sourcing): BarView[] =>
  [...bars.values()].map(({ reason, seen, ...bar }) => ({
    ...bar,
    reason,
    seen: reason === 'short' && Number.isFinite(seen) ? seen : null,
  }));

const statusOf = ({ failure, inFlight, open, waiting, work }: Sourcing): DecisionStatus => {
  if (failure !== null) return 'failed';
  if (inFlight) return 'proposed';
  if (open.length > 0) return 'open';
  if (waiting.length > 0) return 'backordered';
  return work.size > 0 ? 'sourced' : 'cancelled';
};

type Data<Type extends SourcingEvent['type']> = Extract<SourcingEvent, { type: Type }>['data'];

const attemptAfter = (
  attempts: Map<number, AttemptView>,
  { type, data }: SourcingEvent,
  at: string,
): void => {
  const change = (attempt: number, changed: Partial<AttemptView>): void => {
    const known = attempts.get(attempt);
    if (known) attempts.set(attempt, { ...known, settledAt: at, ...changed });
  };
  if (type === 'SourcingProposed') attempts.set(data.attempt, proposedView(data, at));
  if (type === 'AttemptRefused')
    change(data.attempt, {
      outcome: 'refused',
      shortages: data.shortages,
      holds: data.holds ?? [],
      unknownSkus: data.unknownSkus ?? [],
    });
  if (type === 'AttemptSettled') {
    const { attempt, allocations: released } = data;
    change(attempt, { outcome: outcomeOf(attempts.get(attempt), data), released });
  }
  if ((type === 'LinesCancelled' || type === 'SourcingDisowned') && data.closes)
    change(data.closes.attempt, { outcome: 'cancelled' });
};

const proposedView = (data: Data<'SourcingProposed'>, proposedAt: string): AttemptView => {
  const { attempt, final, offerId, allocations, backorders, explanation } = data;
  return {
    attempt,
    proposedAt,
    outcome: 'proposed',
    settledAt: null,
    final,
    offerId,
    allocations,
    backorders,
    held: data.held ?? [],
    candidates: explanation?.candidates ?? [],
    others: explanation?.others ?? null,
    method: explanation?.method ?? null,
    steps: explanation?.steps ?? null,
    policyVersion: explanation?.policyVersion ?? null,
    engineVersion: explanation?.engineVersion ?? null,
    shortages: [],
    holds: [],
    unknownSkus: [],
    released: [],
  };
};

const outcomeOf = (
  attempt: AttemptView | undefined,
  { allocations, backordered }: Data<'AttemptSettled'>,
): Outcome => {
  if (allocations.length === 0) return backordered.length > 0 ? 'backordered' : 'cancelled';
  const sum = (all: readonly Allocation[]): number =>
    all.reduce((units, { lines }) => units + unitsOf(lines), 0);
  const proposed = attempt
    ? sum(attempt.allocations) + unitsOf(attempt.backorders) + unitsOf(attempt.held)
    : 0;
  return sum(allocations) < proposed ? 'partly-reserved' : 'reserved';
};

/** What changed concerns no single location. */
const OF_THE_ORDER = { fulfillmentId: null, locationId: null };

const changesOf = ({ type, data }: SourcingEvent, at: string): ChangeView[] => {
  switch (type) {
    case 'LinesReturned': {
      const { reason: change, fulfillmentId, locationId, lines } = data;
      return [{ at, change, fulfillmentId, locationId, lines }];
    }
    case 'ReservationRevoked': {
      const { fulfillmentId, locationId, lines } = data;
      return [{ at, change: 'revoked', fulfillmentId, locationId, lines }];
    }
    case 'RecallAnswered': {
      const { fulfillmentId, locationId, lines } = data;
      return [{ at, change: 'recalled', fulfillmentId, locationId, lines }];
    }
    case 'LinesCancelled': {
      const lines = [...data.open, ...data.waiting, ...data.inFlight];
      return [{ at, change: 'cancelled', ...OF_THE_ORDER, lines }];
    }
    case 'SourcingDisowned': {
      const lines = summed([...data.open, ...data.waiting, ...(data.closes?.lines ?? [])]);
      return [{ at, change: 'disowned', ...OF_THE_ORDER, lines }];
    }
    case 'BackordersReopened':
      return [{ at, change: 'offer-barred', ...OF_THE_ORDER, lines: data.lines }];
    case 'SourcingReopened': {
      const lines = summed([...data.waiting, ...(data.closes?.lines ?? []), ...data.again]);
      return [{ at, change: 'sourced-again', ...OF_THE_ORDER, lines }];
    }
    case 'AnswerDisbelieved':
    case 'SourcingStarted':
    case 'SourcingProposed':
    case 'AttemptRefused':
    case 'AttemptSettled':
    case 'LateReservationReleased':
    case 'StockOffered':
    case 'OfferDeclined':
    case 'PromisesMoved':
    case 'GoodsHandedOver':
    case 'SourcingFailed':
      return [];
    default:
      return assertNever(type);
  }
};
