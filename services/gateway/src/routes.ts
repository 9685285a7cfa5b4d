import { StartError } from '@throughline/kernel';
import type { ServiceDefinition } from '@throughline/service-kit';

/** Where one service is reached, and which paths are its own. */
export type Upstream = {
  readonly service: string;
  readonly paths: readonly string[];
  /** Origins of its replicas, for example `http://routing:8080`; requests take turns. */
  readonly urls: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where each service is reached: `<SERVICE>_URL` (for example `ORDER_CAPTURE_URL`), by default its name on port 8080. Several
 * replicas are separated by commas. Throws `StartError` when one is no address.
 */
export const upstreamsOf = (
  definitions: readonly ServiceDefinition[],
  environment: Environment,
): readonly Upstream[] =>
  definitions.map(({ name, paths }) => {
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_URL`;
    const urls = (environment[variable] || `http://${name}:8080`)
      .split(',')
      .map((url) => url.trim());
    for (const url of urls)
      if (!URL.canParse(url))
        throw new StartError(
          `${variable} must be an address such as http://${name}:8080, not "${url}"`,
        );
    return { service: name, paths, urls: urls.map((url) => new URL(url).origin) };
  });

/** True for `/v1/orders`, `/v1/orders/1`, `/v1/orders:batch` and `/v1/orders?limit=1`, below `/v1/orders`. */
const isBelow = (path: string, url: string): boolean =>
  url.startsWith(path) && /^([/:?#]|$)/.test(url.slice(path.length));

/** The service whose path is the longest that the address lies below; undefined when it is nobody's. */
export const upstreamFor = (upstreams: readonly Upstream[], url: string): Upstream | undefined =>
  upstreams
    .flatMap((upstream) => upstream.paths.map((path) => ({ upstream, path })))
    .filter(({ path }) => isBelow(path, url))
    .sort((one, other) => other.path.length - one.path.length)[0]?.upstream;
