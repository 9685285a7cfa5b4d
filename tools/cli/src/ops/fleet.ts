import { SERVICE_NAMES } from '@throughline/kernel';
import { KeyRefused, ServerFault, type Answer, type Api, type Method } from '../api/api.js';
import type { Problem } from '../api/api.js';
import { ServerAway } from '../api/patience.js';
import { openSession } from '../api/session.js';
import { UsageError, type ServerOptions } from '../config.js';
import { say as sayAloud, type Say } from '../terminal/say.js';

/** A service that is away is shown as such; nobody waits for it for minutes. */
const PATIENCE_MS = 5_000;

export type OpsOptions = ServerOptions & {
  readonly connections: number;
  readonly service?: string;
  readonly say?: Say;
};

/** The services behind one origin, asked one by one or all together. */
export type Fleet = {
  readonly api: Api;
  readonly say: Say;
  readonly services: readonly string[];
  /**
   * What each service answers, one after the other unless they are asked side by side; those that do not are said to be
   * away.
   */
  each<Found>(
    ask: (service: string) => Promise<Found>,
    options?: { readonly sideBySide?: boolean },
  ): Promise<readonly (readonly [string, Found])[]>;
  /** Whether some service did not answer. */
  isPartial(): boolean;
};

/** The problem that a service answered, in words. */
export const wordsOf = (body: unknown): string => {
  const { title, detail } = (body ?? {}) as Problem;
  return [title, detail].filter((words) => words !== undefined).join(': ') || 'no reason given';
};

/** Sends a request that must succeed. Throws `UsageError` with the service's own words when it refuses. */
export const ask = async <Body>(
  { api }: Pick<Fleet, 'api'>,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answer<Body>> => {
  const answer = await api.send<Body>(method, path, body);
  if (answer.status >= 400)
    throw new UsageError(`${method} ${path}: ${answer.status} ${wordsOf(answer.body)}`);
  return answer;
};

const known = (service: string | undefined): readonly string[] => {
  if (service === undefined) return SERVICE_NAMES;
  if (SERVICE_NAMES.some((name) => name === service)) return [service];
  throw new UsageError(`There is no service ${service}; there are ${SERVICE_NAMES.join(', ')}`);
};

/** Runs `work` with the services that the options name. */
export const withFleet = async (
  options: OpsOptions,
  work: (fleet: Fleet) => Promise<boolean>,
): Promise<boolean> => {
  const { say = sayAloud } = options;
  const services = known(options.service);
  const api = await openSession(options, undefined, PATIENCE_MS);
  let isPartial = false;
  const each: Fleet['each'] = async (question, { sideBySide = false } = {}) => {
    type Found = Awaited<ReturnType<typeof question>>;
    const one = async (service: string): Promise<readonly (readonly [string, Found])[]> => {
      try {
        return [[service, await question(service)]];
      } catch (error) {
        const isAway =
          error instanceof ServerAway ||
          error instanceof ServerFault ||
          error instanceof UsageError;
        if (!isAway || error instanceof KeyRefused) throw error;
        isPartial = true;
        say(`${service} does not answer: ${error.message}`);
        return [];
      }
    };
    if (sideBySide) return (await Promise.all(services.map(one))).flat();
    const found: (readonly [string, Found])[] = [];
    for (const service of services) found.push(...(await one(service)));
    return found;
  };
  try {
    return await work({ api, say, services, each, isPartial: () => isPartial });
  } finally {
    await api.close();
  }
};

/** `order-capture/12` as the service and what it names there. */
export const addressOf = (address: string): readonly [service: string, name: string] => {
  const [service = '', name = '', ...rest] = address.split('/');
  if (name === '' || rest.length > 0 || !SERVICE_NAMES.some((one) => one === service))
    throw new UsageError(
      `${address} is not <service>/<name> as the list shows it, for example order-capture/12`,
    );
  return [service, name];
};
