import { contentHash } from '@throughline/kernel';
import type { PoolClient } from 'pg';
import type { CheckName, Difference } from '../checks/check.js';
import type { Message } from '../ledger/domain/books.js';
import type { LedgerCause, Shelf } from '../ledger/domain/ledger.js';
import type { Movement } from '../ledger/domain/rows.js';

/** A difference in words, and what would put it right. */
export type Proposal = {
  /** The same for the same difference, and another as soon as it is another. */
  readonly name: string;
  readonly explanation: string;
  readonly proposal: string;
} & Difference;

/** What one transaction repairs, as it goes: rows are written at once, shelves in the end. */
export type Repairing = {
  readonly tx: PoolClient;
  readonly now: string;
  readonly cause: LedgerCause;
  readonly reason: string;
  /** Shelves that are brought to what claims hold of them, and told. By SKU and location. */
  readonly touched: Map<string, Shelf>;
  /** Whether claims on the shelf may be taken back: all that decides which of them fit is right. */
  readonly mayRevoke: (shelf: Shelf) => boolean;
  /** What is to lie on a shelf. */
  readonly onHand: Map<string, number>;
  readonly movements: Movement[];
  readonly messages: Message[];
};
/** Puts the rows of a difference right and touches the shelves concerned. */
export type RowRepair = (repairing: Repairing, difference: Difference) => Promise<void>;

const HASH_LENGTH = 8;

/**
 * `<check>:<SKU>:<what was seen>`. By how much something is off counts, not where it stands: trade goes on and
 * changes both sides alike.
 */
export const nameOf = ({ check, sku, expected, actual, ...seen }: Difference): string => {
  const hash = contentHash({ ...seen, off: actual - expected }).slice(0, HASH_LENGTH);
  return `${check}:${encodeURIComponent(sku)}:${hash}`;
};

/** The SKU that a name is about; undefined where it is no name of a proposal. */
export const skuOf = (name: string): string | undefined => {
  const [, sku] = /^[a-z-]+:([^:]+):[^:]+$/.exec(name) ?? [];
  try {
    return sku && decodeURIComponent(sku);
  } catch {
    return undefined;
  }
};

export type RowRepairs = Partial<Record<CheckName, RowRepair>>;
