import { registry } from '@throughline/telemetry';
import { pino } from 'pino';
import { CHECK_NAMES } from '../checks/check.js';
import { ledgerWatch } from '../checks/checks.process.js';
import { checkSkus } from '../checks/checks.query.js';
import type { Warehouse } from '../inventory.fixtures.js';
import { contradictions } from '../ledger/domain/ledger.fixtures.js';
import { ledgerOf } from '../ledger/ledger.js';
import { queueLookThrough } from '../ledger/offers.process.js';
import { storedMovements, storedRows } from '../ledger/stored-rows.fixtures.js';
import { busyWarehouse } from './busy-warehouse.fixtures.js';
import { CORRUPTIONS } from './corruptions.fixtures.js';
import type { Proposal } from './repair.js';

let inventory: Warehouse;
beforeEach(async () => {
  inventory = await busyWarehouse();
});
afterEach(() => inventory.stop());

const REASON = 'after the restore of Monday';
const damage = async (...statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await inventory.runtime.database.query(statement);
};
const proposals = async (): Promise<Proposal[]> => (await inventory.items('repairs')) as Proposal[];
const apply = async (names: readonly string[], reason = REASON) =>
  inventory.http('POST', '/v1/inventory/repairs', { names, reason });
const namesOf = (found: readonly Proposal[]): string[] => found.map(({ name }) => name);

/** The gauges that are not at 0 after a look through the ledger. */
const alarms = async (): Promise<readonly unknown[]> => {
  const { database, now } = inventory.runtime;
  const look = (after: string) => checkSkus(database, after, now());
  await ledgerWatch(look, pino({ level: 'silent' })).run();
  const metric = await registry.getSingleMetric('oms_invariant_breaches')?.get();
  const { values = [] } = metric ?? {};
  return values.flatMap(({ labels, value }) => (value > 0 ? [labels.invariant] : [])).sort();
};

/** What another judge, which reads the rows in memory, has against the ledger. */
const faults = async (): Promise<readonly string[]> => {
  const { database } = inventory.runtime;
  await queueLookThrough(ledgerOf(inventory.runtime), database).run();
  return contradictions(await storedRows(database), await storedMovements(database));
};

describe('the ledger is repaired on request', () => {
  it.each(CORRUPTIONS.map((corruption) => [corruption.what, corruption] as const))(
    'from %s',
    async (_, { sql, found, mended = [] }) => {
      await inventory.isSound();
      expect(await proposals()).toEqual([]);
      await damage(...sql);
      const seen = await proposals();
      expect(seen.map(({ check }) => check).sort()).toEqual([...found].sort());
      for (const words of seen.flatMap(({ explanation, proposal }) => [explanation, proposal]))
        expect(words).toMatch(/^\S+ .*\w$/);
      expect(await alarms()).toEqual([...new Set(found)].sort());
      // Looking changes nothing.
      expect(await proposals()).toEqual(seen);
      const { status, body } = await apply(namesOf(seen));
      expect([status, body]).toMatchObject([200, { refused: [] }]);
      expect(namesOf(body.applied).sort()).toEqual(namesOf(seen).sort());
      expect(await proposals()).toEqual([]);
      expect(await alarms()).toEqual([]);
      await damage(...mended);
      expect((await faults()).filter((fault) => !fault.includes(' of 1'))).toEqual([]);
      await inventory.isSound();
      const told = await inventory.published('oms.catalog');
      const repaired = told.filter(({ type }) => type === 'LedgerRepaired');
      expect(repaired.map(({ data }) => (data as { name: string }).name).sort()).toEqual(
        namesOf(seen).sort(),
      );
      expect(repaired[0]!.data).toMatchObject({ reason: REASON, changedBy: expect.any(String) });
    },
  );

  it('has a corruption for every check, so that every alarm is seen to sound', () => {
    const alarmed = new Set(CORRUPTIONS.flatMap(({ found }) => found));
    expect([...alarmed].sort()).toEqual([...CHECK_NAMES].sort());
  });
});
