import { contentHash, gatherer, TransientError, type GeoPoint } from '@throughline/kernel';
import type { Cause } from '@throughline/event-store';
import type { Allocation, LedgerRejection, Shortage } from '../ledger/domain/ledger.js';
import type { Carried, Ledger } from '../ledger/ledger.js';
import { choose, corrected, type Choice, type Known, type Wish } from './choice.js';
import type { ExpireDue } from './holds.process.js';
import type { PlacesQuery } from './places.query.js';

/** Refusals that share one look for holds that are overdue. */
const REFUSALS_MAX = 1_000;
/** How often another place is looked for when the ledger has less than was read. */
const CHOICES_MAX = 4;
const NO_SHORTAGES: readonly Shortage[] = [];

export type HoldRequest = {
  /** As the checkout calls it; null where it names nothing. */
  readonly reservationId: string | null;
  readonly wishes: readonly Wish[];
  readonly locationId: string | null;
  readonly destination: GeoPoint | null;
  readonly channel: string | null;
  /** Those that the caller may act for; null: all. */
  readonly channels: readonly string[] | null;
  readonly expiresAt: string;
};
export type Holds = {
  /** Holds stock for a checkout, all of it or nothing; the same request again is answered as before. */
  hold(request: HoldRequest, cause: Cause): Promise<Carried>;
};

/**
 * Chooses where to hold, then asks the ledger, which alone decides; and chooses again where it knows better.
 * Before anybody is refused, holds that are overdue are let go, whether or not the task has come to them.
 */
export const holdsOf = (ledger: Ledger, places: PlacesQuery, expire: ExpireDue): Holds => {
  const somethingExpired = gatherer<null, boolean>({
    batchMax: REFUSALS_MAX,
    run: async (refused) => {
      // What cannot be let go is told by the task; it turns no other checkout away.
      const result = await expire().catch((error: unknown) => {
        if (error instanceof TransientError) throw error;
        return true;
      });
      return refused.map(() => ({ result }));
    },
  });

  const ask = (request: HoldRequest, { allocations, shortages }: Choice, cause: Cause) => {
    const { wishes, locationId, channel, channels, expiresAt } = request;
    const data = {
      reservationId: request.reservationId ?? cause.id,
      channel,
      channels,
      expiresAt,
      contentHash: contentHash({ wishes, locationId, channel }),
      allocations,
      shortages,
    };
    return ledger.carryOut({ type: 'HoldStock', data }, cause);
  };

  const choiceOf = async (request: HoldRequest, known: readonly Known[]): Promise<Choice> => {
    const skus = request.wishes.map(({ sku }) => sku);
    const found = await places.places(skus, request.reservationId);
    return choose(request.wishes, corrected(found, known), request.destination);
  };

  const once = async (request: HoldRequest, cause: Cause): Promise<Carried> => {
    const { locationId, wishes } = request;
    if (locationId !== null) {
      const allocations = [allocationAt(locationId, wishes)];
      return ask(request, { allocations, shortages: NO_SHORTAGES }, cause);
    }
    const known: Known[] = [];
    for (let choices = 1; ; choices += 1) {
      const choice = await choiceOf(request, known);
      const carried = await ask(request, choice, cause);
      const rejection = rejectionOf(carried);
      const isFinal = choice.allocations.length === 0 || choices === CHOICES_MAX;
      if (rejection?.code !== 'insufficient-stock' || isFinal) return carried;
      for (const { locationId: id, ...shortage } of rejection.shortages)
        if (id !== null) known.push({ ...shortage, locationId: id });
    }
  };

  return {
    hold: async (request, cause) => {
      const carried = await once(request, cause);
      if (rejectionOf(carried)?.code !== 'insufficient-stock') return carried;
      return (await somethingExpired(null)) ? once(request, cause) : carried;
    },
  };
};

const rejectionOf = ({ outcome }: Carried): LedgerRejection | undefined =>
  outcome.ok ? undefined : outcome.rejection;

const allocationAt = (locationId: string, wishes: readonly Wish[]): Allocation => ({
  locationId,
  lines: wishes.map(({ sku, quantity }) => ({ lineId: sku, sku, quantity })),
});
