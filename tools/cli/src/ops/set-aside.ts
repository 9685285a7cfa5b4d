import { IN_ONE_PIECE } from '../api/api.js';
import { table } from '../terminal/table.js';
import { UsageError } from '../config.js';
import { addressOf, withFleet, wordsOf, type Fleet, type OpsOptions } from './fleet.js';

type SetAside = {
  readonly projection: string;
  readonly stream: string;
  readonly error: string;
  readonly revision: number;
  readonly since: string;
  readonly tries: number;
};

const ERROR_MAX = 80;
const pathOf = (service: string): string => `/v1/${service}/streams-set-aside`;

const asideIn = async ({ api }: Pick<Fleet, 'api'>, service: string) => {
  const found: SetAside[] = [];
  for await (const one of api.list<SetAside>(pathOf(service), IN_ONE_PIECE)) found.push(one);
  return found;
};

/** Prints the streams that read models could not apply, of all services in one table. */
export const listSetAside = (options: OpsOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const found = await fleet.each((service) => asideIn(fleet, service));
    const rows = found.flatMap(([service, streams]) =>
      streams.map(({ projection, stream, revision, since, tries, error }) => [
        `${service}/${projection}`,
        stream,
        `${revision}`,
        since,
        `${tries}`,
        error.slice(0, ERROR_MAX),
      ]),
    );
    if (rows.length === 0) fleet.say('No stream is set aside by a read model.');
    else fleet.say(table([['projection', 'stream', 'from', 'since', 'tries', 'why'], ...rows]));
    return !fleet.isPartial();
  });

const retryOne = async (
  { api, say }: Fleet,
  service: string,
  { projection, stream }: Pick<SetAside, 'projection' | 'stream'>,
): Promise<boolean> => {
  const path = `${pathOf(service)}/retry`;
  const { status, body } = await api.send('POST', path, { projection, stream });
  const name = `${service}/${projection} ${stream}`;
  if (status === 200) say(`${name}: is in the rows`);
  else if (status === 202) say(`${name}: asked for; no process has taken it up yet`);
  else say(`${name}: ${status} ${wordsOf(body)}`);
  return status < 300;
};

/** Has streams taken up again: one or all of a projection, or with `--all` all of the services that the options name. */
export const retrySetAside = (
  address: string | undefined,
  stream: string | undefined,
  options: OpsOptions & { readonly all?: boolean },
): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    if (address === undefined && !options.all)
      throw new UsageError('Name a projection as the list shows it, or say --all');
    if (address !== undefined && stream !== undefined) {
      const [service, projection] = addressOf(address);
      return retryOne(fleet, service, { projection, stream });
    }
    const found = await fleet.each((service) => asideIn(fleet, service));
    let isFine = true;
    for (const [service, streams] of found)
      for (const one of streams)
        if (address === undefined || address === `${service}/${one.projection}`)
          isFine = (await retryOne(fleet, service, one)) && isFine;
    return isFine && !fleet.isPartial();
  });
