import { inParallel } from '@throughline/cli';
import type { Installation } from './caller.js';
import type { Capability } from './capability.js';
import { Made } from './made.js';
import { Shop, type Scale } from './shop.js';

const WORKERS = 6;

export type Result = {
  readonly id: string;
  /** How long the whole test took. */
  readonly tookMs: number;
  /** What it measured, where it measures something. */
  readonly measuredMs: number | undefined;
  readonly limitMs: number | undefined;
  /** Why it failed; undefined where it passed. */
  readonly failure: string | undefined;
};

export type RunOptions = {
  /** Begins every id that the run makes. */
  readonly prefix: string;
  /** Times beyond their limits are failures of the full scale alone. */
  readonly scale: Scale;
};

export type Run = { readonly results: readonly Result[]; readonly made: Made };

/** Carries tests out, several at a time, and then those that measure one by one. Answers them in their order. */
export const run = async (
  installation: Installation,
  capabilities: readonly Capability[],
  { prefix, scale }: RunOptions,
): Promise<Run> => {
  const made = new Made();
  const results = new Map<string, Result>();
  const carryOut = async (capability: Capability): Promise<void> => {
    const shop = new Shop(installation, made, `${prefix}-${capability.id.toLowerCase()}`, scale);
    results.set(capability.id, await resultOf(capability, shop));
  };
  await inParallel(
    capabilities.filter(({ limitMs }) => limitMs === undefined),
    WORKERS,
    carryOut,
  );
  await inParallel(
    capabilities.filter(({ limitMs }) => limitMs !== undefined),
    1,
    carryOut,
  );
  return { results: capabilities.map(({ id }) => results.get(id)!), made };
};

const resultOf = async (
  { id, requests, limitMs, test }: Capability,
  shop: Shop,
): Promise<Result> => {
  const startedAt = performance.now();
  let measuredMs: number | undefined;
  let failure: string | undefined;
  try {
    measuredMs = (await test(shop)) ?? undefined;
    failure = unsent(requests, shop.sent);
    if (shop.scale === 'full' && limitMs !== undefined && !(measuredMs! <= limitMs))
      failure ??= `took ${measuredMs!.toFixed(0)} ms, more than ${limitMs} ms`;
  } catch (error) {
    failure = (error as Error).message;
  }
  return { id, tookMs: performance.now() - startedAt, measuredMs, limitMs, failure };
};

/** Which of the requests that are said to show a capability were not sent. */
export const unsent = (
  requests: readonly string[],
  sent: ReadonlySet<string>,
): string | undefined => {
  const missing = requests.filter((request) => {
    if (sent.has(request)) return false;
    const pattern = new RegExp(`^${request.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
    return ![...sent].some((one) => pattern.test(one));
  });
  return missing.length === 0 ? undefined : `the test did not send ${missing.join(', ')}`;
};
