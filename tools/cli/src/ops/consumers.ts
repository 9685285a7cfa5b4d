import { IN_ONE_PIECE } from '../api/api.js';
import { UsageError } from '../config.js';
import { duration, grouped, table } from '../terminal/table.js';
import { withFleet, type Fleet, type OpsOptions } from './fleet.js';
import { operate, type Confirmed } from './operate.js';

type Reader = {
  readonly group: string;
  readonly topic: string;
  /** As known last, or null, where `problem` says why it is not known now. */
  readonly position: string | null;
  readonly head: string | null;
  readonly lagMessages: number | null;
  readonly lagSeconds: number | null;
  readonly problem?: string;
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
  for await (const reader of api.list<Reader>(`/v1/${service}/consumers`, IN_ONE_PIECE))
    found.push(reader);
  return found;
};

/** How far every reader of every service is. */
export const consumersOf = (fleet: Fleet) =>
  fleet.each((service) => readersOf(fleet, service), { sideBySide: true });

/** Prints how far the readers are. */
export const listConsumers = (options: OpsOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const found = await consumersOf(fleet);
    const rows = found.flatMap(([service, readers]) =>
      readers.map(({ group, position, head, lagMessages, lagSeconds }) => [
        service,
        group,
        position ?? '?',
        head ?? '?',
        lagMessages ?? '?',
        lagSeconds === null ? '?' : duration(lagSeconds),
      ]),
    );
    fleet.say(table([['service', 'group', 'position', 'head', 'behind', 'for'], ...rows]));
    const problems = found.flatMap(([service, readers]) =>
      readers.flatMap(({ problem }) => (problem === undefined ? [] : [`${service}: ${problem}`])),
    );
    for (const problem of new Set(problems)) fleet.say(`not known now, ${problem}`);
    return !fleet.isPartial() && problems.length === 0;
  });

export type ResetOptions = OpsOptions & Confirmed & { readonly to: string };

/** Says what moving a reader would do, and does it where that is confirmed. */
export const resetConsumer = (group: string, options: ResetOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const all = await consumersOf(fleet);
    const owner = all.find(([, readers]) => readers.some((reader) => reader.group === group));
    if (!owner) {
      const names = all.flatMap(([, readers]) => readers.map((reader) => reader.group));
      throw new UsageError(`There is no consumer ${group}; there are ${names.join(', ')}`);
    }
    const path = `/v1/${owner[0]}/consumers/${encodeURIComponent(group)}/reset`;
    if (await operate(fleet, ['POST', path, { to: options.to }], options))
      fleet.say('The reader goes on there.');
    return true;
  });

export type EpochOptions = OpsOptions & Confirmed & { readonly epoch?: string };

/** Says that a service's log was restored, so that whoever has read the one before stops; or brings a former epoch back. */
export const beginEpoch = (service: string, options: EpochOptions): Promise<boolean> =>
  withFleet({ ...options, service }, async (fleet) => {
    const { epoch } = options;
    const body = epoch === undefined ? {} : { epoch };
    const path = `/v1/${service}/log/epochs`;
    const done = await operate<{ epoch: string }>(fleet, ['POST', path, body], options);
    if (done) fleet.say(`${service}: epoch ${done.body.epoch} begins`);
    return true;
  });

export type RepublishOptions = OpsOptions &
  Confirmed & {
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
      const wanted = { topic, group, from, to };
      const path = `/v1/${service}/relay/republish`;
      const part = await operate<Republished>(fleet, ['POST', path, wanted], options);
      if (!part) return true;
      const { body } = part;
      published += body.published;
      fleet.say(`${grouped(published)} messages of ${topic} for ${group}, up to ${body.position}`);
      if (body.unreadable) fleet.say(`${body.unreadable} events cannot be published: see the log`);
      if (body.position === body.to || body.position === from) return body.position === body.to;
      from = body.position;
      to = body.to;
    }
  });
