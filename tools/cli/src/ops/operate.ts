import type { Answer, Method } from '../api/api.js';
import { table } from '../terminal/table.js';
import { ask, withFleet, type Fleet, type OpsOptions } from './fleet.js';

/** How somebody says that an operation is meant: by naming what it changes, and why. */
export type Confirmed = { readonly confirm?: string; readonly reason?: string };

type Plan = {
  readonly dryRun: boolean;
  readonly subject: string;
  readonly effects: readonly string[];
  readonly wayBack: string;
};
type Operation = Omit<Plan, 'dryRun'> & {
  readonly at: string;
  /** The id of a key or of a token's holder. */
  readonly actor: string;
  readonly actorName: string;
  readonly operation: string;
  readonly reason: string;
  readonly result: unknown;
};

const withQuery = (path: string, members: object): string =>
  `${path}?${new URLSearchParams(members as Record<string, string>).toString()}`;

/**
 * Says what an operation would do, and does it where it is confirmed. Undefined where nothing was changed. Throws `UsageError`
 * with the service's own words when it refuses.
 */
export const operate = async <Done>(
  fleet: Pick<Fleet, 'api' | 'say'>,
  [method, path, body = {}]: readonly [Method, string, object?],
  { confirm, reason }: Confirmed,
): Promise<Answer<Done & Plan> | undefined> => {
  const confirmation =
    confirm === undefined ? { dryRun: true } : { confirm, ...(reason !== undefined && { reason }) };
  const answer = await (method === 'DELETE'
    ? ask<Done & Plan>(fleet, method, withQuery(path, confirmation))
    : ask<Done & Plan>(fleet, method, path, { ...body, ...confirmation }));
  const { subject, effects, wayBack } = answer.body;
  if (confirm === undefined) for (const effect of effects) fleet.say(effect);
  fleet.say(`Way back: ${wayBack}`);
  if (confirm !== undefined) return answer;
  fleet.say(`Nothing was changed. To do it: --confirm '${subject}' --reason 'why'`);
  return undefined;
};

/** Prints what people did to services by their operating routes, and why. */
export const listOperations = (
  options: OpsOptions & { readonly limit: number },
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const found = await fleet.each(async (service) => {
      const own: Operation[] = [];
      for await (const one of fleet.api.list<Operation>(`/v1/${service}/operations`)) {
        own.push(one);
        if (own.length >= options.limit) break;
      }
      return own;
    });
    const rows = found.flatMap(([service, operations]) =>
      operations.map(({ at, actor, actorName, operation, subject, reason, result }) => [
        at,
        service,
        `${actorName} (${actor})`,
        operation,
        subject,
        result === null ? 'not done' : '',
        reason,
      ]),
    );
    if (rows.length === 0) fleet.say('No operation was carried out.');
    else fleet.say(table([['at', 'service', 'who', 'operation', 'on', '', 'why'], ...rows]));
    return !fleet.isPartial();
  });
