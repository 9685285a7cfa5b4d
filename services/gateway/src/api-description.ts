import type { OpenAPIObject } from '@nestjs/swagger';
import type { Upstream } from './routes.js';

const FETCH_TIMEOUT_MS = 2_000;
/** Readers need no key, so they must not make requests to services as often as they like. */
const FRESH_MS = 5_000;

type Description = Pick<OpenAPIObject, 'paths' | 'components'>;

const fetched = async ({ urls }: Upstream): Promise<Description> => {
  try {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const answer = await fetch(`${urls[0]}/openapi.json`, { signal });
    if (answer.ok) return (await answer.json()) as Description;
  } catch {
    // A service that is away is missing in the description, until it is made again.
  }
  return { paths: {} };
};

/** One description of all services' routes below `/v1`, no older than a few seconds. */
export const descriptionOf = (
  upstreams: readonly Upstream[],
): ((empty: OpenAPIObject) => Promise<OpenAPIObject>) => {
  let made: Promise<OpenAPIObject> | undefined;
  let madeAt = 0;
  return (empty) => {
    if (made && performance.now() - madeAt < FRESH_MS) return made;
    madeAt = performance.now();
    made = describeAll(upstreams, empty);
    return made;
  };
};

const describeAll = async (
  upstreams: readonly Upstream[],
  empty: OpenAPIObject,
): Promise<OpenAPIObject> => {
  const described = await Promise.all(upstreams.map(fetched));
  const paths = described
    .flatMap((description) => Object.entries(description.paths))
    .filter(([path]) => path.startsWith('/v1/'));
  const schemas = described.map(({ components }) => components?.schemas ?? {});
  return {
    ...empty,
    paths: Object.fromEntries(paths),
    components: { ...empty.components, schemas: Object.assign({}, ...schemas) },
  };
};
