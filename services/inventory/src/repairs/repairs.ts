import type { Position } from '@throughline/event-store';
import { derivedId, TransientError } from '@throughline/kernel';
import type { Runtime } from '@throughline/service-kit';
import type { CheckName, Difference } from '../checks/check.js';
import { afterSku, checkSkus, differencesOf } from '../checks/checks.query.js';
import type { LedgerCause } from '../ledger/domain/ledger.js';
import { CLAIM_REPAIRS } from './claim-repairs.query.js';
import { nameOf, skuOf, type Proposal, type Repairing, type RowRepair } from './repair.js';
import { settle } from './settling.js';
import { lockRelated } from './settling.query.js';
import { STOCK_REPAIRS } from './stock-repairs.query.js';
import { wordsOf } from './words.js';

export type Repaired = {
  /** What was put right. */
  readonly applied: readonly Proposal[];
  /** Names of what is not there, not as it was seen, or rests on something else that is not put right. */
  readonly refused: readonly string[];
  readonly position?: Position;
};
export type Repairs = {
  /** What is proposed for the next SKUs after one ('' to begin). Changes nothing. */
  propose(
    after: string,
  ): Promise<{ readonly proposals: readonly Proposal[]; readonly last: string | null }>;
  /**
   * Carries out proposals by their names, those of one SKU together. Each is looked for again under the ledger's
   * locks: what is not as it was seen stays as it is. Throws `TransientError` for "not now"; what was done before
   * stays done, and asking again goes on.
   */
  apply(names: readonly string[], reason: string, cause: LedgerCause): Promise<Repaired>;
};

const proposalOf = (difference: Difference): Proposal => ({
  name: nameOf(difference),
  ...wordsOf(difference),
  ...difference,
});

/** Claims are taken back by what these say, so what takes them back comes with or after the repair of these. */
const RESTS_ON: ReadonlySet<CheckName> = new Set<CheckName>([
  ...(Object.keys(CLAIM_REPAIRS) as CheckName[]),
  'on-hand-is-the-sum-of-movements',
]);
const MAY_REVOKE: ReadonlySet<CheckName> = new Set<CheckName>([
  'reserved-is-what-is-held',
  'promised-is-on-hand',
]);

/** What is named and as it was seen; what may take claims back only where nothing that it rests on is left out. */
const wantedOf = (found: readonly Difference[], names: ReadonlySet<string>) => {
  const isNamed = (difference: Difference): boolean => names.has(nameOf(difference));
  const open = found.filter((one) => RESTS_ON.has(one.check) && !isNamed(one));
  const mayRevoke = ({ locationId }: Pick<Difference, 'locationId'>): boolean =>
    open.every((one) => one.locationId !== null && one.locationId !== locationId);
  const wanted = found.filter(
    (one) => isNamed(one) && (!MAY_REVOKE.has(one.check) || mayRevoke(one)),
  );
  return { wanted, mayRevoke };
};

const REPAIRS = { ...CLAIM_REPAIRS, ...STOCK_REPAIRS } as Record<CheckName, RowRepair>;

/** Puts right, on request, what the checks of the ledger find. */
export const repairsOf = ({
  database,
  now,
  committed,
}: Pick<Runtime, 'database' | 'now' | 'committed'>): Repairs => {
  const repairSku = (
    sku: string,
    names: ReadonlySet<string>,
    reason: string,
    cause: LedgerCause,
  ): Promise<Omit<Repaired, 'refused'>> =>
    database.transaction(async (tx) => {
      const at = now();
      if (!(await lockRelated(tx, sku)))
        throw new TransientError(`What goes with ${sku} is changing`);
      const found = await differencesOf(tx, sku, afterSku(sku), at);
      const { wanted, mayRevoke } = wantedOf(found, names);
      if (wanted.length === 0) return { applied: [] };
      const repairing: Repairing = {
        tx,
        now: at,
        cause: { ...cause, id: derivedId('repair', cause.id, sku, at) },
        reason,
        touched: new Map(),
        mayRevoke: (shelf) => shelf.sku === sku && mayRevoke(shelf),
        onHand: new Map(),
        movements: [],
        messages: [],
      };
      for (const difference of wanted) await REPAIRS[difference.check](repairing, difference);
      const position = await settle(repairing, wanted);
      return { applied: wanted.map(proposalOf), position };
    });

  return {
    propose: async (after) => {
      const { differences, last } = await checkSkus(database, after, now());
      return { proposals: differences.map(proposalOf), last };
    },

    apply: async (names, reason, cause) => {
      const skus = [...new Set(names.flatMap((name) => skuOf(name) ?? []))].sort();
      const applied: Proposal[] = [];
      let last: Position | undefined;
      for (const sku of skus) {
        const done = await repairSku(sku, new Set(names), reason, cause);
        applied.push(...done.applied);
        last = done.position ?? last;
      }
      if (last !== undefined) committed();
      const found = new Set(applied.map(({ name }) => name));
      const refused = names.filter((name) => !found.has(name));
      return { applied, refused, ...(last !== undefined && { position: last }) };
    },
  };
};
