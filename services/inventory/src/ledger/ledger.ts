import {
  appendInTransaction,
  askerOf,
  type NewEvent,
  type Position,
} from '@throughline/event-store';
import {
  assertNever,
  derivedId,
  gatherer,
  TransientError,
  type Settled,
} from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import { currentTraceparent, logContext, withLogContext } from '@throughline/telemetry';
import type { PoolClient } from 'pg';
import { AVAILABILITY_CATEGORY, availabilityCodec } from './availability.codec.js';
import { readBooks } from './books.query.js';
import { writeChanges } from './changes.js';
import { decideBatch, type LedgerChanges } from './domain/ledger.decider.js';
import type { LedgerCause, LedgerCommand, LedgerOutcome, LedgerRequest } from './domain/ledger.js';
import { countRefusals } from './refusals.js';
import { RESERVATION_CATEGORY, reservationCodec } from './reservation.codec.js';
import { SHELF_CATEGORY, shelfCodec } from './shelf.codec.js';

/** How long stock stays earmarked for an order that was offered it. */
export const OFFER_LIFETIME_MS = 10 * 60_000;
/** Lines decided in one transaction, which keeps it far below the deadlines of its statements. */
export const BATCH_LINES_MAX = 2_000;

/**
 * From this many lines on, statements are planned anew: a plan that was made while the tables were nearly empty
 * reads them whole, until their statistics are next taken.
 */
const LARGE_BATCH_LINES = 100;
const PLANNED_ANEW = 'set local plan_cache_mode = force_custom_plan';

const UNIQUE_VIOLATION = '23505';
const STATEMENT_CANCELLED = '57014';

export type Carried = { readonly outcome: LedgerOutcome; readonly position?: Position };
export type Ledger = {
  /**
   * Carries out a command once, however often it comes with the same cause. Commands that come at the same
   * time share a transaction; none of them shares another's fault. Throws `TransientError` for "not now".
   */
  carryOut(command: LedgerCommand, cause: LedgerCause): Promise<Carried>;
};

/** A command beside others, with the log context that it came in. */
type Gathered = LedgerRequest & { readonly told: ReturnType<typeof logContext> };

/** The ledger of stock, reservations and the queue: rules decided on locked rows, written with their messages. */
export const ledgerOf = ({
  database,
  logger,
  now,
  committed,
}: Pick<Runtime, 'database' | 'logger' | 'now' | 'committed'>): Ledger => {
  const together = async (requests: readonly Gathered[]): Promise<readonly Carried[]> => {
    const at = now();
    const offersExpireAt = new Date(Date.parse(at) + OFFER_LIFETIME_MS).toISOString();
    const done = await database.transaction(async (tx) => {
      if (weightOf(requests) >= LARGE_BATCH_LINES) await tx.query(PLANNED_ANEW);
      const { rows, attemptIds } = await readBooks(tx, requests);
      const { outcomes, changes } = decideBatch(rows, requests, { now: at, offersExpireAt });
      await writeChanges(tx, changes, attemptIds, at);
      // The log's head is locked from here to the commit, so it comes last.
      const position = await tellChanges(tx, changes, requests, at);
      return { outcomes, changes, position };
    });
    if (done.position !== undefined) committed();
    countRefusals(done.changes);
    warnOfDiscrepancies(done.changes, requests, logger);
    const { outcomes, position } = done;
    return outcomes.map((outcome) => ({ outcome, ...(position !== undefined && { position }) }));
  };

  /** Carries out all of them, or finds who is at fault; throws what is not possible now for any of them. */
  const run = async (requests: readonly Gathered[]): Promise<readonly Settled<Carried>[]> => {
    try {
      return (await together(requests)).map((result) => ({ result }));
    } catch (error) {
      const known = asLedgerError(error);
      if (known instanceof TransientError && !tookTooLong(known)) throw known;
      if (requests.length === 1) return [{ error: known }];
      logger.error({ err: error, requests: requests.length }, 'ledger batch failed; in halves');
      return inHalves(requests);
    }
  };

  /** Nobody shares another's fate; but what is not possible now is not tried again for everybody. */
  const inHalves = async (requests: readonly Gathered[]): Promise<Settled<Carried>[]> => {
    const middle = requests.length >> 1;
    const settled: Settled<Carried>[] = [];
    let notNow: unknown;
    for (const half of [requests.slice(0, middle), requests.slice(middle)])
      try {
        if (notNow) throw notNow;
        settled.push(...(await run(half)));
      } catch (error) {
        notNow = error;
        settled.push(...half.map(() => ({ error })));
      }
    return settled;
  };

  const gathered = gatherer({
    run,
    batchMax: BATCH_LINES_MAX,
    weightOf: ({ command }: Gathered) => linesOf(command),
  });
  return {
    carryOut: (command, cause) => gathered({ command, cause: traced(cause), told: logContext() }),
  };
};

/** Each is logged as its own command's, whichever others shared its transaction. */
const warnOfDiscrepancies = (
  { movements }: LedgerChanges,
  requests: readonly Gathered[],
  logger: Runtime['logger'],
): void => {
  for (const movement of movements) {
    if (movement.type !== 'discrepancy') continue;
    const warn = (): void => logger.warn({ movement }, 'stock the ledger did not know');
    const request = requests.find(({ cause }) => cause.id === movement.cause);
    if (request) withLogContext(request.told, warn);
    else warn();
  }
};

/** Noted before commands are gathered: a batch runs in the trace of one of them only. */
const traced = (cause: LedgerCause): LedgerCause => {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? cause : { ...cause, traceparent };
};

/** One command may be too much for the deadline of a statement; the others must not wait for it. */
const tookTooLong = ({ cause }: TransientError): boolean =>
  cause instanceof Error && (cause as { code?: string }).code === STATEMENT_CANCELLED;

/** The same key written twice: another replica was first, and trying again finds what it wrote. */
const asLedgerError = (error: unknown): unknown =>
  error instanceof Error && (error as { code?: string }).code === UNIQUE_VIOLATION
    ? new TransientError('Another replica does the same', { cause: error })
    : error;

const weightOf = (requests: readonly LedgerRequest[]): number =>
  requests.reduce((sum, { command }) => sum + linesOf(command), 0);

const linesOf = ({ type, data }: LedgerCommand): number => {
  switch (type) {
    case 'ProposeSourcing':
      return (
        data.allocations.reduce((sum, { lines }) => sum + lines.length, 1) + data.backorders.length
      );
    case 'ReleaseSourcing':
      return data.reservations.length + data.backorders.length + 1;
    case 'HandOverGoods':
    case 'TakeBackGoods':
      return data.lines.length;
    case 'HoldStock':
      return data.allocations.reduce((sum, { lines }) => sum + lines.length, 1);
    case 'GiveUpHolds':
    case 'ExpireHolds':
      return data.reservationIds.length;
    case 'ExpireOffers':
      return data.offerIds.length;
    case 'OfferWaiting':
      return data.shelves.length;
    case 'MoveStock':
    case 'KeepShelf':
    case 'GiveBackHold':
      return 1;
    default:
      return assertNever(type);
  }
};

/** Appends what changes tell to the log, whose head is locked from here to the commit. */
export const tellChanges = async (
  tx: PoolClient,
  changes: LedgerChanges,
  requests: readonly LedgerRequest[],
  at: string,
): Promise<Position | undefined> => {
  const appends = [
    ...reservationEvents(changes, at),
    ...availabilityEvents(changes, requests, at),
    ...shelfEvents(changes, at),
    ...crossingEvents(changes, at),
  ];
  return appends.length === 0 ? undefined : appendInTransaction(tx, appends);
};

type Append = { readonly stream: string; readonly events: readonly NewEvent[] };

const metadataOf = ({ id, correlationId, traceparent, ...cause }: LedgerCause, at: string) => ({
  at,
  causationId: id,
  correlationId: correlationId ?? id,
  ...askerOf(cause),
  ...(traceparent !== undefined && { traceparent }),
});

const reservationEvents = ({ messages }: LedgerChanges, at: string): Append[] => {
  const streams = new Map<string, NewEvent[]>();
  for (const { orderId, event, cause } of messages) {
    const stream = `${RESERVATION_CATEGORY}-${orderId}`;
    const events = streams.get(stream) ?? [];
    streams.set(stream, events);
    events.push({
      // A cause takes effect once, so its events of one stream need only their place to be told apart.
      id: derivedId(stream, cause.id, events.length),
      ...reservationCodec.encode(event),
      metadata: metadataOf(cause, at),
    });
  }
  return [...streams].map(([stream, events]) => ({ stream, events }));
};

const shelfEvents = ({ safetyStocks }: LedgerChanges, at: string): Append[] =>
  safetyStocks.map(({ cause, ...data }) => {
    const stream = `${SHELF_CATEGORY}-${data.locationId}/${data.sku}`;
    const stored = shelfCodec.encode({ type: 'SafetyStockChanged', data });
    // Told when it changes something, which the same request may do again after somebody else's.
    const id = derivedId(stream, cause.id, at);
    return { stream, events: [{ id, ...stored, metadata: metadataOf(cause, at) }] };
  });

/** Each shelf is told of once per crossing, with how it stands now. */
const crossingEvents = ({ crossings }: LedgerChanges, at: string): Append[] =>
  crossings.map(
    ({ sku, locationId, onHand, reserved, safetyStock, version, belowBuffer, cause }) => {
      const stream = `${SHELF_CATEGORY}-${locationId}/${sku}`;
      const state = belowBuffer ? ('below' as const) : ('recovered' as const);
      const free = onHand - reserved;
      const data = { sku, locationId, state, free, safetyStock, version };
      const stored = shelfCodec.encode({ type: 'BufferCrossed', data });
      const id = derivedId(stream, 'crossing', version);
      return { stream, events: [{ id, ...stored, metadata: metadataOf(cause, at) }] };
    },
  );

/** One event for the whole batch; its causes took effect in this batch alone, so they name it. */
const availabilityEvents = (
  { availability }: LedgerChanges,
  requests: readonly LedgerRequest[],
  at: string,
): Append[] => {
  if (availability.length === 0) return [];
  const batchId = derivedId('batch', ...requests.map(({ cause }) => cause.id), at);
  const data = {
    shelves: availability.map(
      ({ sku, locationId, available, version }) => [sku, locationId, available, version] as const,
    ),
  };
  const stored = availabilityCodec.encode({ type: 'AvailabilityChanged', data });
  // Of several, it is the story of none.
  const cause = requests.length === 1 ? requests[0]!.cause : { id: batchId };
  const metadata = metadataOf(cause, at);
  const stream = `${AVAILABILITY_CATEGORY}-${batchId}`;
  return [{ stream, events: [{ id: derivedId(stream, 0), ...stored, metadata }] }];
};
