import { parseArgs } from 'node:util';
import { StartError } from '@throughline/kernel';

export const USAGE = `Usage: npm run capabilities -- [--only C33,C34] [--url URL] [--key KEY] [--page]

Carries out one test per capability and ends with 1 when one fails.

  --url URL   tests a running system; without it, one is started with data of its own
  --key KEY   an admin key of that system; else THROUGHLINE_KEY, else that of --data-dir
  --data-dir  data folder of that system (data)
  --only IDS  only these capabilities
  --port N    where the system listens that is started (8097)
  --page      writes docs/capabilities.md and runs nothing`;

export type CapabilityArguments = {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly dataDir: string;
  readonly port: number;
  /** All where it is undefined. */
  readonly only: ReadonlySet<string> | undefined;
  readonly page: boolean;
};

const PORT_MAX = 65_535;

/** Reads the command line of `npm run capabilities`; `known` are the ids that have a test. Throws `StartError`. */
export const capabilityArguments = (
  argv: readonly string[],
  known: ReadonlySet<string>,
): CapabilityArguments | 'help' => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      url: { type: 'string' },
      key: { type: 'string' },
      'data-dir': { type: 'string', default: 'data' },
      port: { type: 'string', default: '8097' },
      only: { type: 'string' },
      page: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { url, key, page } = values;
  if (url !== undefined && !URL.canParse(url))
    throw new StartError(`--url must be an address such as http://localhost:8080, not "${url}"`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > PORT_MAX)
    throw new StartError(`--port must be a whole number from 1 to ${PORT_MAX}`);
  const only = values.only === undefined ? undefined : new Set(values.only.split(','));
  for (const id of only ?? [])
    if (!known.has(id)) throw new StartError(`No test for ${id}: see docs/capabilities.md`);
  return { url, key, dataDir: values['data-dir'], port, only, page };
};
