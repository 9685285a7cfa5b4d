import { UsageError } from '../config.js';
import { duration, grouped, table } from '../terminal/table.js';
import { ask, withFleet, type Fleet, type OpsOptions } from './fleet.js';

type Reader = {
  readonly group: string;
  readonly topic: string;
  readonly position: string;
  readonly head: string;
  readonly lagMessages: number | null;
  readonly lagSeconds: number | null;
};
type Move = {
  readonly topic: string;
  readonly partition: number | null;
  readonly from: string;
  readonly to: string;
  readonly messages: number | null;
};
type Republished = {
  readonly to: string;
  readonly position: string;
  readonly published: number;
  readonly unreadable?: number;
};

const readersOf = async (
  { api }: Pick<Fleet, 'api'>,
  service: string,
): Promise<readonly Reader[]> => {
  const found: Reader[] = [];
  for await (const reader of api.list<Reader>(`/v1/${service}/consumers`)) found.push(reader);
  return found;
};

/** How far every reader of every service is. */
export const consumersOf = (fleet: Fleet) => fleet.each((service) => readersOf(fleet, service));

/** Prints how far the readers are. */
export const listConsumers = (options: OpsOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const rows = (await consumersOf(fleet)).flatMap(([service, readers]) =>
      readers.map(({ group, position, head, lagMessages, lagSeconds }) => [
        service,
        group,
        position,
        head,
        lagMessages ?? '?',
        lagSeconds === null ? '?' : duration(lagSeconds),
      ]),
    );
    fleet.say(table([['service', 'group', 'position', 'head', 'behind', 'for'], ...rows]));
    return !fleet.isPartial();
  });

const effectOf = ({ messages, from, to }: Move): string => {
  if (messages === null && from !== to)
    return BigInt(to) < BigInt(from) ? 'what is between comes again' : 'what is between is skipped';
  if (messages === null) return 'nothing changes';
  if (messages === 0) return 'nothing changes';
  return messages > 0
    ? `${grouped(messages)} come again`
    : `${grouped(-messages)} are skipped and never handled`;
};

export type ResetOptions = OpsOptions & { readonly to: string; readonly yes?: boolean };

/** Says what moving a reader would do, and does it with `--yes`. */
export const resetConsumer = (group: string, options: ResetOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const all = await consumersOf(fleet);
    const owner = all.find(([, readers]) => readers.some((reader) => reader.group === group));
    if (!owner) {
      const names = all.flatMap(([, readers]) => readers.map((reader) => reader.group));
      throw new UsageError(`There is no consumer ${group}; there are ${names.join(', ')}`);
    }
    const dryRun = !options.yes;
    const path = `/v1/${owner[0]}/consumers/${encodeURIComponent(group)}/reset`;
    const { body } = await ask<{ moves: readonly Move[] }>(fleet, 'POST', path, {
      to: options.to,
      dryRun,
    });
    const rows = body.moves.map((move) => [
      move.topic,
      move.partition ?? '',
      move.from,
      move.to,
      effectOf(move),
    ]);
    fleet.say(table([['topic', 'partition', 'from', 'to', 'effect'], ...rows]));
    fleet.say(dryRun ? 'Nothing was changed: say --yes to do it.' : 'The reader goes on there.');
    return true;
  });

/** Says that a service's log was restored, so that whoever has read the one before stops. */
export const beginEpoch = (
  service: string,
  options: OpsOptions & { readonly yes?: boolean },
): Promise<boolean> =>
  withFleet({ ...options, service }, async (fleet) => {
    if (!options.yes)
      throw new UsageError(
        `Every reader of ${service}'s log will stop until it is told where to go on. Only after a restore: say --yes`,
      );
    const { body } = await ask<{ epoch: string }>(fleet, 'POST', `/v1/${service}/log/epochs`);
    fleet.say(`${service}: epoch ${body.epoch} begins`);
    return true;
  });

export type RepublishOptions = OpsOptions & {
  readonly service: string;
  readonly topic: string;
  readonly group: string;
  readonly from?: string;
  readonly to?: string;
};

/** Publishes again for one group, request by request, until everything asked for is there. */
export const republish = (options: RepublishOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const { service, topic, group } = options;
    let { from, to } = options;
    let published = 0;
    for (;;) {
      const { body } = await ask<Republished>(fleet, 'POST', `/v1/${service}/relay/republish`, {
        topic,
        group,
        from,
        to,
      });
      published += body.published;
      fleet.say(`${grouped(published)} messages of ${topic} for ${group}, up to ${body.position}`);
      if (body.unreadable) fleet.say(`${body.unreadable} events cannot be published: see the log`);
      if (body.position === body.to || body.position === from) return body.position === body.to;
      from = body.position;
      to = body.to;
    }
  });
