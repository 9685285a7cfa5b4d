import { allOrEach, type Database, type Task } from '@throughline/service-kit';
import type { Tell } from './telling.js';

/** How late a changed share, a kit that consists of something else or a location that opened may be told. */
export const DUE_EVERY_MS = 500;
export const LOOK_THROUGH_EVERY_MS = 5_000;
const DUE_MAX = 1_000;
/** Rounds of one run; what is left comes with the next. */
const ROUNDS_MAX = 20;
const SKUS_PER_LOOK = 200;

const DUE = `
  select sku, array_agg(sequence) as sequences from (
    select sequence, sku from listings_due order by sequence limit ${DUE_MAX}
  ) as due group by sku`;
const DONE = 'delete from listings_due where sequence = any($1)';

const NEXT = `
  select sku from (
    (select distinct sku from listings where sku > $1 order by sku limit ${SKUS_PER_LOOK})
    union
    (select distinct kit_sku from kit_components where kit_sku > $1 order by 1 limit ${SKUS_PER_LOOK})
    union
    (select distinct sku from kit_availability where sku > $1 order by sku limit ${SKUS_PER_LOOK})
  ) as watched order by sku limit ${SKUS_PER_LOOK}`;

type Due = { sku: string; sequences: string[] };

/** Tells what follows from anything but a shelf. On several replicas each is told once. */
export const dueListings = (tell: Tell, database: Database): Task => ({
  name: 'tell-due-listings',
  everyMs: DUE_EVERY_MS,
  run: async () => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const due = await database.query<Due>(DUE, [], 'listings-due');
      if (due.length === 0) return;
      await allOrEach(due, async (rows) => {
        await tell(rows.map(({ sku }) => sku));
        await database.query(DONE, [rows.flatMap(({ sequences }) => sequences)], 'listings-done');
      });
    }
  },
});

/**
 * Looks through all listings and kits, some SKUs at a time, for what was told and is not so: whatever became of a
 * message, it is told in the end.
 */
export const listingsLookThrough = (tell: Tell, database: Database): Task => {
  let after = '';
  return {
    name: 'look-through-listings',
    everyMs: LOOK_THROUGH_EVERY_MS,
    run: async () => {
      const rows = await database.query<{ sku: string }>(NEXT, [after], 'listings-next');
      const skus = rows.map(({ sku }) => sku);
      after = skus.length < SKUS_PER_LOOK ? '' : skus.at(-1)!;
      if (skus.length > 0) await allOrEach(skus, tell);
    },
  };
};
