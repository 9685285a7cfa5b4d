import type { GeoPoint, Message } from '@throughline/kernel';
import type { Bar } from './bars.js';
import type { Delivery } from './delivery.js';
import type { Disbelieved, Disowned, Disowning, TakenOut } from './disown.js';
import type { LineQuantity, Lines } from './lines.js';
import type { Allocation, Explanation, Picture, Stock } from './picture.js';

export type { Delivery } from './delivery.js';

/** What the order says about itself, once and for all. */
export type Order = {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly acceptedAt: string;
  readonly priority: number;
  readonly delivery: Delivery;
  /** Where the goods go, as far as the postal code tells. */
  readonly destination: GeoPoint | null;
  /** Whose share of the stock it takes from; absent in orders from before channels had shares. */
  readonly channel?: string;
  /** Its lines may take over holds of this channel alone; absent: any that they name. */
  readonly holdsOfChannel?: string;
};

/** A line as the order states it; `reservationId` names the checkout's hold that stands behind it. */
export type OrderedLine = LineQuantity & { readonly reservationId?: string };
/** Units of a line that a checkout's hold stands behind. */
export type HeldLine = LineQuantity & { readonly reservationId: string };
/** What a checkout's hold really has of a SKU: nothing, at no location, where it is gone. */
export type HoldStock = {
  readonly reservationId: string;
  readonly sku: string;
  readonly locationId: string | null;
  readonly quantity: number;
};

/** Units that wait in the queue; `promisedOn` is null while nobody knows. */
export type Backordered = LineQuantity & { readonly promisedOn: string | null };
/** An allocation that became work. */
export type Released = Allocation & { readonly fulfillmentId: string };
/** Where a reservation stands. */
export type Reservation = LineQuantity & { readonly attempt: number; readonly locationId: string };
export type Offer = {
  readonly offerId: string;
  readonly locationId: string;
  readonly lines: Lines;
};
/** Work at one location, named by its fulfillment. */
export type Place = {
  readonly fulfillmentId: string;
  readonly attempt: number;
  readonly locationId: string;
};
export type Recall = Place & { readonly recallId: string; readonly lines: Lines };
export type RecallReason = 'cancelled' | 'revoked';
export type ReturnReason = 'short' | 'rejected';
export type FailureReason =
  | 'no-location'
  | 'unknown-location'
  | 'inactive-location'
  | 'unknown-sku'
  | 'rejected-by-location'
  | 'rejected-by-all'
  | 'missing-everywhere'
  | 'too-many-returns';

export type StartSourcing = Order & {
  readonly lines: readonly OrderedLine[];
  readonly picture: Picture;
};
/** Revision of inventory's own stream of the order that tells something: what it told before is older. */
export type ToldAt = { readonly inventoryRevision: number };
export type Answer = Partial<ToldAt> & {
  readonly attempt: number;
  readonly allocations: readonly Allocation[];
  readonly backordered: readonly Backordered[];
};
export type Promises = ToldAt & { readonly lines: readonly Backordered[] };
/** What is really there, where it is less than was asked for. */
export type Refusal = {
  readonly attempt: number;
  readonly shortages: readonly Stock[];
  /** What the holds that the attempt named have, where one of them has less. */
  readonly holds?: readonly HoldStock[];
  /** What no catalogue lists. */
  readonly unknownSkus?: readonly string[];
};
export type Cancellation = { readonly cancellationId: string; readonly lines: Lines };
export type RecallAnswer = {
  readonly recallId: string;
  readonly lines: Lines;
  readonly refused: Lines;
};
/** How a recall ended. */
export type RecallOutcome = Recall & {
  readonly reason: RecallReason;
  readonly refused: Lines;
  /** Of what a revocation brought back: asked for by a cancellation, too. */
  readonly heldBack?: Lines;
  /** Refused, and cancelled all the same: as much came back without being asked for. */
  readonly settled?: { readonly cancellationId: string; readonly lines: Lines };
  /** What was held back and is wanted after all. */
  readonly reopened?: Lines;
};
export type Return = {
  readonly reason: ReturnReason;
  readonly fulfillmentId: string;
  readonly lines: Lines;
} & Partial<BarTerms>;
/** When goods came back, how long that bars the location, and what its shelves showed then. */
export type BarTerms = {
  readonly at: string;
  readonly barredUntil: string | null;
  readonly stock: readonly Stock[];
};
/** A person wants what is open or waits to be sourced once more, perhaps otherwise; `again` comes on top. */
export type SourcingRequest = {
  readonly requestId: string;
  readonly delivery?: Delivery;
  readonly destination?: GeoPoint | null;
  readonly again: Lines;
};
export type Revocation = {
  readonly attempt: number;
  readonly locationId: string;
  readonly lines: Lines;
};

export type SourcingCommand =
  | Message<'StartSourcing', StartSourcing>
  | Message<'PlanAttempt', { readonly picture: Picture; readonly at?: string }>
  | Message<'SettleAttempt', Answer>
  | Message<'RefuseAttempt', Refusal>
  | Message<'TakeOffer', Offer>
  | Message<'MovePromises', Promises>
  | Message<'ReturnLines', Return>
  | Message<'RevokeReservation', Revocation>
  | Message<'AnswerRecall', RecallAnswer>
  | Message<'RecordHandOver', { readonly fulfillmentId: string; readonly lines: Lines }>
  | Message<'CancelLines', Cancellation>
  | Message<'DisownOrder', Disowning>
  | Message<'RequestSourcing', SourcingRequest>;

export type SourcingEvent =
  | Message<'SourcingStarted', Order & { readonly lines: readonly OrderedLine[] }>
  | Message<
      'SourcingProposed',
      {
        readonly attempt: number;
        readonly final: boolean;
        readonly priority: number;
        readonly acceptedAt: string;
        readonly onlyLocationId: string | null;
        readonly offerId: string | null;
        readonly allocations: readonly Allocation[];
        readonly backorders: Lines;
        /** Taken over from checkout holds, wherever those lie. */
        readonly held?: readonly HeldLine[];
        readonly channel?: string;
        /** Of `held`, only what was held for this channel; absent: all. */
        readonly holdsOfChannel?: string;
        /** Null where nothing was to choose: an offer names its location, a hold has its own. */
        readonly explanation: Explanation | null;
      }
    >
  | Message<'AttemptRefused', Refusal>
  | Message<
      'AttemptSettled',
      Pick<Order, 'orderNumber' | 'priority' | 'delivery'> &
        Partial<ToldAt> & {
          readonly attempt: number;
          readonly allocations: readonly Released[];
          /** All that waits after it. */
          readonly backordered: readonly Backordered[];
          /** Cancelled while the attempt was under way, so it never becomes work. */
          readonly released: {
            readonly reservations: readonly Reservation[];
            readonly backorders: Lines;
          };
        }
    >
  | Message<
      'LateReservationReleased',
      { readonly attempt: number; readonly reservations: readonly Reservation[] }
    >
  | Message<'StockOffered', Offer>
  | Message<'OfferDeclined', { readonly offerId: string; readonly backorders: Lines }>
  /** Of what waits: the lines that are expected at other times now. */
  | Message<'PromisesMoved', Promises>
  | Message<
      'LinesReturned',
      Place & {
        readonly reason: ReturnReason;
        readonly lines: Lines;
      } & Partial<BarTerms> & {
          /** Of these, what cancellations ask locations for: it waits for their answers. */
          readonly heldBack?: Lines;
        }
    >
  /** Stock was offered to what waits from where it is not to come from: it is looked at with the rest. */
  | Message<
      'BackordersReopened',
      { readonly offerId: string; readonly lines: Lines; readonly stock: readonly Stock[] }
    >
  /** No bar counts any more; what waited, and what was under way to elsewhere, is open. */
  | Message<
      'SourcingReopened',
      SourcingRequest & {
        readonly waiting: Lines;
        readonly closes: { readonly attempt: number; readonly lines: Lines } | null;
      }
    >
  | Message<'ReservationRevoked', Recall>
  | Message<'RecallAnswered', RecallOutcome>
  | Message<'GoodsHandedOver', { readonly fulfillmentId: string; readonly lines: Lines }>
  | Message<
      'LinesCancelled',
      TakenOut & {
        readonly cancellationId: string;
        readonly inFlight: Lines;
        /** Nothing is left of these that another cancellation does not ask for. */
        readonly refused?: Lines;
      }
    >
  /** All of an order that was never given out is let go, and its work is asked back. */
  | Message<'SourcingDisowned', TakenOut & Disowned>
  /** Inventory answers an attempt of an order that was never sourced: another than routing asked. */
  | Message<'AnswerDisbelieved', Disbelieved>
  | Message<
      'SourcingFailed',
      {
        readonly attempt: number;
        readonly reason: FailureReason;
        /** Those that no catalogue lists, where that is why. */
        readonly skus?: readonly string[];
      }
    >;

/** An attempt that inventory has not answered yet. */
export type InFlight = {
  readonly attempt: number;
  readonly allocations: readonly Allocation[];
  readonly backorders: Lines;
  readonly held: readonly HeldLine[];
  /** No longer wanted; let go when the attempt settles. */
  readonly cancelled: Lines;
};

export type Work = Place & { readonly lines: Lines; readonly handedOver: Lines };
/** With the cancellation that asks, where that is the reason. */
export type PendingRecall = Recall & {
  readonly reason: RecallReason;
  readonly cancellationId?: string;
};

/**
 * Where every unit of the order is: `open`, in the attempt under way, `waiting` in the queue, in the `work` of a
 * location, or `heldBack`; what is in none of them is cancelled.
 */
export type Sourcing = {
  readonly order: Order | null;
  /** What was sourced was never given out: an approval that comes now is the first. */
  readonly disowned: boolean;
  /** Attempts that another made, and that are not given back yet. */
  readonly disbelieved: readonly Disbelieved[];
  readonly attempts: number;
  readonly open: Lines;
  readonly inFlight: InFlight | null;
  readonly waiting: readonly Backordered[];
  /** The newest revision of inventory's stream that told when it is expected. */
  readonly promisesToldAt: number;
  /** By fulfillment id. */
  readonly work: ReadonlyMap<string, Work>;
  /** Asked for and not answered, by recall id. */
  readonly recalls: ReadonlyMap<string, PendingRecall>;
  readonly recallsMade: number;
  /**
   * What locations gave back by themselves while a cancellation asked for units of the line: what of it is still
   * wanted shows when the recalls are answered.
   */
  readonly heldBack: Lines;
  readonly offers: readonly Offer[];
  /** Of this round: how often inventory refused, and what is really there. */
  readonly refusals: number;
  readonly known: readonly Stock[];
  /** Checkout holds that were not taken over yet, by the line that names them. */
  readonly holds: ReadonlyMap<string, string>;
  /** What inventory said that they have, by hold and SKU; what it has not spoken of is thought whole. */
  readonly holdStock: ReadonlyMap<string, number>;
  /** What locations gave back and are not asked for again, by `stockKey`. */
  readonly bars: ReadonlyMap<string, Bar>;
  /** How often goods came back since a person asked for it. */
  readonly returns: number;
  /** Requests of persons that were carried out. */
  readonly requests: ReadonlySet<string>;
  readonly closed: ReadonlySet<number>;
  readonly failure: FailureReason | null;
  /** SKUs that no catalogue lists, while that is why sourcing failed. */
  readonly unknownSkus: readonly string[];
};
