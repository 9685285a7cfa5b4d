import { IN_ONE_PIECE } from '../api/api.js';
import { setTimeout as delay } from 'node:timers/promises';
import { grouped, table } from '../terminal/table.js';
import { addressOf, ask, withFleet, type Fleet, type OpsOptions } from './fleet.js';
import { operate, type Confirmed } from './operate.js';

type Rebuild = {
  readonly phase: 'waiting' | 'building' | 'done' | 'cancelled';
  readonly position: string;
  readonly events: number;
  readonly eventsPerSecond: number | null;
  readonly error: string | null;
};
type Projection = {
  readonly name: string;
  readonly version: number;
  readonly builtVersion: number | null;
  readonly position: string;
  readonly head: string;
  readonly rebuild: Rebuild | null;
  readonly retired: { readonly version: number } | null;
  readonly setAside?: number;
  readonly fault?: string | null;
};

const LOOK_EVERY_MS = 1_000;
const FAULT_MAX = 100;

const pathOf = (address: string, action: string): string => {
  const [service, name] = addressOf(address);
  return `/v1/${service}/projections/${encodeURIComponent(name)}/${action}`;
};

const wordsOf = (rebuild: Rebuild | null): string => {
  if (!rebuild) return '';
  const { phase, position, eventsPerSecond, error } = rebuild;
  if (phase !== 'building') return phase;
  const rate = eventsPerSecond === null ? '' : `, ${grouped(eventsPerSecond)}/s`;
  return `at ${position}${rate}${error === null ? '' : `, failing: ${error}`}`;
};

/** Prints how the read models of all services stand. */
export const listProjections = (options: OpsOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const found = await fleet.each(async (service) => {
      const projections: Projection[] = [];
      const path = `/v1/${service}/projections`;
      for await (const one of fleet.api.list<Projection>(path, IN_ONE_PIECE)) projections.push(one);
      return projections;
    });
    const rows = found.flatMap(([service, projections]) =>
      projections.map((one) => [
        `${service}/${one.name}`,
        one.builtVersion === null ? 'not built' : `${one.builtVersion}`,
        one.position,
        one.head,
        wordsOf(one.rebuild),
        one.retired ? `version ${one.retired.version}` : '',
        `${one.setAside ?? 0}`,
        (one.fault ?? '').slice(0, FAULT_MAX),
      ]),
    );
    fleet.say(
      table([
        [
          'projection',
          'version',
          'position',
          'head',
          'rebuild',
          'kept aside',
          'streams set aside',
          'stands still',
        ],
        ...rows,
      ]),
    );
    return !fleet.isPartial();
  });

const followed = async (fleet: Fleet, address: string): Promise<boolean> => {
  let said = '';
  for (;;) {
    const { body } = await ask<Projection>(fleet, 'GET', pathOf(address, 'rebuild'));
    const words = `${wordsOf(body.rebuild)} of ${body.head}`;
    if (words !== said) fleet.say(words);
    said = words;
    if (body.rebuild?.phase === 'done') return true;
    if (body.rebuild?.phase === 'cancelled') return false;
    await delay(LOOK_EVERY_MS);
  }
};

/** Says what a rebuild would do; where that is confirmed, asks for it and follows it to its end unless told not to. */
export const rebuildProjection = (
  address: string,
  options: OpsOptions & Confirmed & { readonly wait: boolean },
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    if (!(await operate(fleet, ['POST', pathOf(address, 'rebuild')], options))) return true;
    fleet.say(`${address} is rebuilt beside the rows that serve`);
    return options.wait ? followed(fleet, address) : true;
  });

/** One request about one projection, and what to say when it is done. */
const step =
  (method: 'DELETE' | 'POST', action: string, done: string) =>
  (address: string, options: OpsOptions & Confirmed): Promise<boolean> =>
    withFleet(options, async (fleet) => {
      if (await operate(fleet, [method, pathOf(address, action)], options))
        fleet.say(`${address}: ${done}`);
      return true;
    });

export const cancelRebuild = step('DELETE', 'rebuild', 'no rebuild; the rows serve as before');
export const rollBack = step('POST', 'rollback', 'the rows of before the rebuild serve again');
export const dropRetired = step('DELETE', 'retired', 'nothing is kept aside any more');
