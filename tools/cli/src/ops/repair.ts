import { UsageError } from '../config.js';
import { grouped, table } from '../terminal/table.js';
import { ask, withFleet, type Fleet, type OpsOptions } from './fleet.js';

type Proposal = {
  readonly name: string;
  readonly check: string;
  readonly sku: string;
  readonly locationId: string | null;
  readonly orderId: string | null;
  readonly lineId: string | null;
  readonly expected: number;
  readonly actual: number;
  readonly explanation: string;
  readonly proposal: string;
};
type Repaired = { readonly applied: readonly Proposal[]; readonly refused: readonly string[] };

export type RepairOptions = OpsOptions & {
  readonly apply?: readonly string[];
  readonly reason?: string;
};

const PATH = '/v1/inventory/repairs';
/** So many are sent together, as many as the service takes. */
const NAMES_MAX = 100;

const proposalsOf = async ({ api }: Fleet): Promise<readonly Proposal[]> => {
  const found: Proposal[] = [];
  for await (const proposal of api.list<Proposal>(PATH)) found.push(proposal);
  return found;
};

const differencesOf = (found: readonly Proposal[]): string =>
  table([
    ['check', 'SKU', 'location', 'order', 'line', 'should be', 'is'],
    ...found.map(({ check, sku, locationId, orderId, lineId, expected, actual }) => [
      check,
      sku,
      locationId ?? '',
      orderId ?? '',
      lineId ?? '',
      expected,
      actual,
    ]),
  ]);

const explained = ({ name, explanation, proposal }: Proposal): string =>
  [name, `  what     ${explanation}.`, `  proposal ${proposal}.`].join('\n');

const show = ({ say }: Fleet, found: readonly Proposal[]): boolean => {
  if (found.length === 0) {
    say('Nothing in the ledger contradicts itself.');
    return true;
  }
  say(`${differencesOf(found)}\n`);
  for (const proposal of found) say(`${explained(proposal)}\n`);
  say(
    'Nothing was changed. To carry proposals out, say this again with --apply NAME... --reason "why".',
  );
  return false;
};

/** Carries proposals out; false when some of them were refused. */
const apply = async (fleet: Fleet, names: readonly string[], reason: string): Promise<boolean> => {
  let refused = 0;
  for (let from = 0; from < names.length; from += NAMES_MAX) {
    const part = names.slice(from, from + NAMES_MAX);
    const { body } = await ask<Repaired>(fleet, 'POST', PATH, { names: part, reason });
    for (const { name, proposal } of body.applied) fleet.say(`done  ${name}: ${proposal}.`);
    for (const name of body.refused)
      fleet.say(`left  ${name}: not as it was seen, or something else of its SKU comes first`);
    refused += body.refused.length;
  }
  if (refused > 0) fleet.say(`${grouped(refused)} not carried out: look again without --apply.`);
  return refused === 0;
};

/**
 * Explains what contradicts itself in the ledger of stock and what would put it right; carries out what is named.
 * False when there is something, or something could not be carried out.
 */
export const repair = (options: RepairOptions): Promise<boolean> => {
  const { reason = '' } = options;
  const names = [...new Set(options.apply ?? [])];
  if (names.length > 0 && reason.trim() === '')
    throw new UsageError('Say why with --reason: it stands in the audit trail');
  return withFleet({ ...options, service: 'inventory' }, async (fleet) =>
    names.length === 0 ? show(fleet, await proposalsOf(fleet)) : apply(fleet, names, reason),
  );
};
