import type { FieldError } from '@throughline/contracts';
import type { PoolClient } from 'pg';
import {
  becomesKit,
  isRecomposed,
  kitFaults,
  partsOf,
  type ItemEntry,
  type KitFacts,
  type Obstacles,
} from './kit-rules.js';

const LOCK = 'select from items where sku = any($1) order by sku for no key update';
const KNOWN = 'select sku from items where sku = any($1)';
const KITS = `
  select kit_sku, sku from kit_components where kit_sku = any($1)
  union
  select kit_sku, sku from kit_components where sku = any($2)`;
const OBSTACLES = `
  select sku,
    exists (
      select from balances b
      where b.sku = asked.sku and (b.on_hand > 0 or b.reserved > 0 or b.uncounted)
    ) or exists (select from set_aside s where s.sku = asked.sku and s.quantity > 0) as "hasStock",
    exists (select from backorders b where b.sku = asked.sku) as "isWaitedFor",
    exists (select from inbound_supply s where s.sku = asked.sku) as "isExpected"
  from unnest($1::text[]) as asked (sku)`;

const FORGET = 'delete from kit_components where kit_sku = any($1)';
const REMEMBER = `
  insert into kit_components (kit_sku, sku, quantity)
  select * from unnest($1::text[], $2::text[], $3::bigint[])`;

const factsOf = async (tx: PoolClient, recomposed: readonly ItemEntry[]): Promise<KitFacts> => {
  const parts = [...new Set(recomposed.flatMap(({ document }) => [...partsOf(document).keys()]))];
  const becoming = recomposed.filter(becomesKit).map(({ id }) => id);
  const known = await tx.query<{ sku: string }>(KNOWN, [parts]);
  const rows = await tx.query<{ kit_sku: string; sku: string }>(KITS, [parts, becoming]);
  const kits = new Map<string, Set<string>>();
  for (const { kit_sku: kit, sku } of rows.rows)
    kits.set(kit, (kits.get(kit) ?? new Set()).add(sku));
  const obstacles = await tx.query<Obstacles & { sku: string }>(OBSTACLES, [becoming]);
  return {
    known: new Set(known.rows.map(({ sku }) => sku)),
    kits,
    obstacles: new Map(obstacles.rows.map(({ sku, ...row }) => [sku, row])),
  };
};

/** Which of the items cannot be what they are to be, because of kits. Asks nothing where no kit changes. */
export const refusedKits = async (
  tx: PoolClient,
  entries: readonly ItemEntry[],
): Promise<ReadonlyMap<string, readonly FieldError[]>> => {
  const recomposed = entries.filter(isRecomposed);
  if (recomposed.length === 0) return new Map();
  // All at once, in the order of the ledger: nothing comes to lie on a shelf of an item that becomes a kit.
  if (recomposed.some(becomesKit)) await tx.query(LOCK, [entries.map(({ id }) => id)]);
  return kitFaults(entries, await factsOf(tx, recomposed));
};

/** Writes down what the changed items consist of. */
export const writeKits = async (tx: PoolClient, entries: readonly ItemEntry[]): Promise<void> => {
  const recomposed = entries.filter(isRecomposed);
  if (recomposed.length === 0) return;
  await tx.query(FORGET, [recomposed.map(({ id }) => id)]);
  const rows = recomposed.flatMap(({ id, document }) =>
    [...partsOf(document)].map(([sku, quantity]) => ({ id, sku, quantity })),
  );
  await tx.query(REMEMBER, [
    rows.map(({ id }) => id),
    rows.map(({ sku }) => sku),
    rows.map(({ quantity }) => quantity),
  ]);
};
