import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from '@throughline/kernel';
import { oidcConfig, proxiesConfig } from '@throughline/service-kit';

export type StandaloneArguments = {
  readonly port: number;
  readonly dataFolder: string;
  readonly reset: boolean;
  /** A Postgres to use instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** The identity provider whose tokens are accepted beside keys. */
  readonly oidc: ReturnType<typeof oidcConfig>;
  /** Whose word for the address of a caller is taken (`X-Forwarded-For`). */
  readonly trustedProxies: readonly string[];
  /** Variables that are set, and that this command has no use for. */
  readonly unused: readonly string[];
};

/** What names the stores of the distributed form. */
const UNUSED = ['EVENTSTORE_URL', 'KAFKA_BROKERS'];

export const USAGE = `Usage: npm start -- [--port 8080] [--data-dir data] [--reset]

  --port N        where to listen (default 8080)
  --data-dir DIR  where everything is kept (default ./data)
  --reset         forget everything in the data folder first

Environment: DATABASE_URL uses that Postgres (18) instead of the embedded one; LOG_LEVEL (default warn);
EVENTSTORE_URL and KAFKA_BROKERS are not used here, streams and messages lie in Postgres (npm run services uses them);
OIDC_ISSUER, OIDC_AUDIENCE, OIDC_ROLES_CLAIM (default roles), OIDC_CHANNELS_CLAIM (channels) and OIDC_LOCATIONS_CLAIM
(locations) connect an identity provider;
TRUSTED_PROXIES (default loopback) names the proxies, or their networks, whose X-Forwarded-For is believed;
OTEL_EXPORTER_OTLP_ENDPOINT takes traces (such as http://localhost:4318), and OTEL_* as OpenTelemetry documents them.`;

/** Reads the command line and environment of `npm start`. Throws `StartError`. */
export const standaloneArguments = (
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StandaloneArguments | 'help' => {
  const options = {
    port: { type: 'string', default: '8080' },
    'data-dir': { type: 'string', default: 'data' },
    reset: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help) return 'help';
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new StartError(`--port must be a whole number from 1 to 65535, not "${values.port}"`);
    return {
      port,
      dataFolder: resolve(values['data-dir']),
      reset: values.reset,
      databaseUrl: environment.DATABASE_URL || undefined,
      oidc: oidcConfig(environment),
      trustedProxies: proxiesConfig(environment),
      unused: UNUSED.filter((name) => environment[name]),
    };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError((error as Error).message);
  }
};
