import { appendInTransaction, askerOf, type Position } from '@throughline/event-store';
import { derivedId } from '@throughline/kernel';
import type { Difference } from '../checks/check.js';
import { writeChanges } from '../ledger/changes.js';
import { availableOf, balanceOf, shelfKey, type Books } from '../ledger/domain/books.js';
import { changesOf, isBelowBuffer, type LedgerChanges } from '../ledger/domain/ledger.decider.js';
import { openBooks } from '../ledger/domain/open-books.js';
import type { Balance } from '../ledger/domain/rows.js';
import { revokeSurplus } from '../ledger/domain/surplus.js';
import { tellChanges } from '../ledger/ledger.js';
import { nameOf, type Repairing } from './repair.js';
import { REPAIR_CATEGORY, repairCodec } from './repair.codec.js';
import { claimsOn, standingOf, type Standing } from './settling.query.js';
import { wordsOf } from './words.js';

/**
 * Brings the touched shelves to what lies there and what claims hold. What no longer fits is taken back by the usual
 * rules, or stays a difference where something else has to be put right first. Shelves beside them only lose what
 * whole kits give back.
 */
const correct = (books: Books, standing: readonly Standing[], repairing: Repairing): void => {
  const { touched, mayRevoke, onHand, cause } = repairing;
  const known = standing.filter((shelf) => touched.has(shelfKey(shelf)));
  for (const shelf of known) {
    const balance = balanceOf(books, shelf);
    balance.onHand = onHand.get(shelfKey(shelf)) ?? balance.onHand;
    balance.reserved = shelf.held;
  }
  for (const shelf of known) if (mayRevoke(shelf)) revokeSurplus(books, shelf, cause);
  for (const shelf of standing) {
    const balance = balanceOf(books, shelf);
    const isBeside = !touched.has(shelfKey(shelf));
    const most = balance.uncounted || isBeside ? balance.reserved : balance.onHand;
    balance.reserved = Math.max(0, Math.min(balance.reserved, most));
  }
};

/** A touched shelf is told whatever it stood at before: what others were told of it may be wrong too. */
const correctedShelves = (
  books: Books,
  { touched, cause }: Repairing,
  changed: readonly Balance[],
): Pick<LedgerChanges, 'balances' | 'availability' | 'crossings'> => {
  const known = new Set(changed.map(shelfKey));
  const shelves = [...books.balances.values()].flatMap((ofSku) => [...ofSku.values()]);
  const rows = shelves
    .filter((shelf) => touched.has(shelfKey(shelf)) || known.has(shelfKey(shelf)))
    .map(({ before, ...balance }) => {
      const now = { ...balance, belowBuffer: isBelowBuffer(balance), version: before.version + 1 };
      return { before, now };
    });
  return {
    balances: rows.map(({ now }) => now),
    availability: rows.map(({ now }) => ({ ...now, available: availableOf(now) })),
    crossings: rows.flatMap(({ before, now }) =>
      now.belowBuffer === before.belowBuffer ? [] : [{ ...now, cause }],
    ),
  };
};

const repairedEvents = ({ cause, now, reason }: Repairing, repaired: readonly Difference[]) =>
  repaired.map((difference) => {
    const name = nameOf(difference);
    const { check, sku, locationId } = difference;
    const data = { name, check, sku, locationId, ...wordsOf(difference), reason };
    const stream = `${REPAIR_CATEGORY}-${sku}`;
    const { id, correlationId = id } = cause;
    const metadata = { at: now, causationId: id, correlationId, ...askerOf(cause) };
    const stored = repairCodec.encode({ type: 'LedgerRepaired', data });
    return { stream, events: [{ id: derivedId(stream, id, name), ...stored, metadata }] };
  });

/** Settles the shelves that repairs touched, and tells all that changed. The log's head is locked last. */
export const settle = async (
  repairing: Repairing,
  repaired: readonly Difference[],
): Promise<Position> => {
  const { tx, now, cause, movements, messages } = repairing;
  const standing = await standingOf(tx, [...repairing.touched.values()]);
  const { rows, attemptIds } = await claimsOn(tx, standing, repairing.mayRevoke);
  const books = openBooks(rows, { now, offersExpireAt: now });
  correct(books, standing, repairing);
  const decided = changesOf(books);
  const changes: LedgerChanges = {
    ...decided,
    ...correctedShelves(books, repairing, decided.balances),
    movements,
    messages: [...messages, ...decided.messages],
  };
  await writeChanges(tx, changes, attemptIds, now);
  const request = { command: { type: 'OfferWaiting' as const, data: { shelves: [] } }, cause };
  await tellChanges(tx, changes, [request], now);
  return appendInTransaction(tx, repairedEvents(repairing, repaired));
};
