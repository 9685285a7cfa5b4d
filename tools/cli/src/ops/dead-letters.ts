import { UsageError } from '../config.js';
import { table } from '../terminal/table.js';
import { addressOf, ask, withFleet, wordsOf, type Fleet, type OpsOptions } from './fleet.js';
import { operate, type Confirmed } from './operate.js';

type Parked = {
  readonly parkedId: number;
  readonly group: string;
  readonly topic: string;
  readonly key: string;
  readonly error: string;
  readonly holdsKey: boolean;
  readonly parkedAt: string;
  readonly message: { readonly type?: string } | null;
};

export type DeadLetterOptions = OpsOptions & {
  readonly group?: string;
  readonly key?: string;
  readonly type?: string;
  readonly limit: number;
};

const ERROR_MAX = 80;
const pathOf = (service: string, parkedId: number | string): string =>
  `/v1/${service}/dead-letters/${parkedId}`;

const parkedIn = async (
  { api }: Fleet,
  service: string,
  { group, type, limit }: DeadLetterOptions,
  key?: string,
): Promise<readonly Parked[]> => {
  const found: Parked[] = [];
  for await (const parked of api.list<Parked>(`/v1/${service}/dead-letters`, {
    group,
    key,
    type,
  })) {
    found.push(parked);
    if (found.length >= limit) break;
  }
  return found;
};

/** Prints what is parked, of all services in one table. */
export const listDeadLetters = (options: DeadLetterOptions & { readonly messageKey?: string }) =>
  withFleet(options, async (fleet) => {
    const found = await fleet.each((service) =>
      parkedIn(fleet, service, options, options.messageKey),
    );
    const rows = found.flatMap(([service, parked]) =>
      parked.map((one) => [
        `${service}/${one.parkedId}`,
        one.group,
        one.message?.type ?? 'unreadable',
        one.key,
        one.holdsKey ? 'held' : '',
        one.parkedAt,
        one.error.slice(0, ERROR_MAX),
      ]),
    );
    if (rows.length === 0) fleet.say('Nothing is parked.');
    else fleet.say(table([['message', 'group', 'type', 'key', 'key is', 'since', 'why'], ...rows]));
    return !fleet.isPartial();
  });

/** Prints one parked message whole. */
export const showDeadLetter = (address: string, options: OpsOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const { body } = await ask<Parked>(fleet, 'GET', pathOf(...addressOf(address)));
    fleet.say(JSON.stringify(body, null, 2));
    return true;
  });

const replayOne = async (fleet: Fleet, service: string, parkedId: string): Promise<boolean> => {
  const path = `${pathOf(service, parkedId)}/replay`;
  const { status, body } = await fleet.api.send<{ replayed?: number }>('POST', path);
  const name = `${service}/${parkedId}`;
  if (status === 200) fleet.say(`${name}: handled, ${body.replayed ?? 0} of its key in all`);
  else if (status === 202) fleet.say(`${name}: asked for; no process has taken it up yet`);
  else fleet.say(`${name}: ${status} ${wordsOf(body)}`);
  return status < 300;
};

/** What is named, or with `--all` the first message of every key that a filter lets through. */
const chosen = async (
  fleet: Fleet,
  addresses: readonly string[],
  options: DeadLetterOptions & { readonly all?: boolean },
): Promise<readonly (readonly [string, string])[]> => {
  if (addresses.length > 0) return addresses.map(addressOf);
  if (!options.all)
    throw new UsageError(
      'Name messages as the list shows them, or say --all (with --group, --type)',
    );
  const found = await fleet.each((service) => parkedIn(fleet, service, options));
  return found.flatMap(([service, parked]) => {
    const first = new Map<string, Parked>();
    for (const one of parked) {
      const key = one.holdsKey ? `${one.group} ${one.key}` : `${one.parkedId}`;
      if (!first.has(key)) first.set(key, one);
    }
    return [...first.values()].map(({ parkedId }) => [service, String(parkedId)] as const);
  });
};

/** Has messages handled again, each with those of its key that wait behind it. */
export const replayDeadLetters = (
  addresses: readonly string[],
  options: DeadLetterOptions & { readonly all?: boolean },
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    let isFine = true;
    for (const [service, id] of await chosen(fleet, addresses, options))
      isFine = (await replayOne(fleet, service, id)) && isFine;
    return isFine && !fleet.isPartial();
  });

/** Says what giving a message up would do, and does it where that is confirmed. */
export const discardDeadLetter = (
  address: string,
  options: OpsOptions & Confirmed,
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const [service, id] = addressOf(address);
    const path = `${pathOf(service, id)}/discard`;
    if (await operate(fleet, ['POST', path], options)) fleet.say(`${address}: discarded`);
    return true;
  });

/** Parks discarded messages again, so that they can be replayed. */
export const restoreDeadLetters = (
  addresses: readonly string[],
  options: OpsOptions,
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    for (const [service, id] of addresses.map(addressOf)) {
      await ask(fleet, 'POST', `${pathOf(service, id)}/restore`);
      fleet.say(`${service}/${id}: parked again; replay it`);
    }
    return true;
  });
