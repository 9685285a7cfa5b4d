import { readFileSync } from 'node:fs';
import { StartError } from '@throughline/kernel';
import { TRACE_RATIO } from '@throughline/telemetry';
import type { KafkaSasl, KafkaTls } from '@throughline/messaging';
import { trustedProxies } from './trusted-proxies.js';

/** Which part of a service a process runs: its HTTP routes, its consumers and projections, or both. */
export type Role = 'api' | 'worker' | 'both';

/** Everything that a service process is told by its environment. */
export type ServiceConfig = {
  readonly role: Role;
  readonly port: number;
  /** Where metrics and readiness in detail are served. */
  readonly metricsPort: number;
  /** Whose word for the address of a caller is taken (`X-Forwarded-For`). */
  readonly trustedProxies: readonly string[];
  readonly databaseUrl: string;
  readonly kafka: {
    readonly brokers: readonly string[];
    /** Of topics that are made new. */
    readonly partitions: number;
    readonly replication: number;
    readonly tls: KafkaTls | undefined;
    readonly sasl: KafkaSasl | undefined;
  };
  /** EventStoreDB; the log in Postgres where there is none. */
  readonly eventStoreUrl: string | undefined;
  /** Where the service `access` is reached. */
  readonly accessUrl: string | undefined;
  /** The identity provider whose tokens are accepted beside keys. */
  readonly oidc: OidcConfig | undefined;
  /** Share of new traces that are recorded; undefined where `OTEL_TRACES_SAMPLER` decides. */
  readonly traceRatio: number | undefined;
  readonly logLevel: string;
  /** Bring schemas and topics up to date before starting. */
  readonly migrates: boolean;
};

export type OidcConfig = {
  readonly issuer: string;
  readonly audience: string;
  readonly rolesClaim: string;
  readonly channelsClaim: string;
  readonly locationsClaim: string;
};

type Environment = Readonly<Record<string, string | undefined>>;
type ReadFile = (path: string) => string;

const textOfFile: ReadFile = (path) => readFileSync(path, 'utf8');

/** What is wrong with the environment: every variable with the rule that it breaks. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}

const ROLES: readonly string[] = ['api', 'worker', 'both'] satisfies Role[];
const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const MECHANISMS: readonly string[] = [
  'plain',
  'scram-sha-256',
  'scram-sha-512',
] satisfies KafkaSasl['mechanism'][];
const PORT_MAX = 65_535;
const METRICS_PORT = 9_464;
const PARTITIONS_MAX = 1_000;
const REPLICATION_MAX = 9;

/** Reads variables one by one and collects what is wrong with them. An empty text counts as not set. */
class Reader {
  readonly wrong: string[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly readFile: ReadFile,
  ) {}

  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  required(name: string, what: string): string {
    const value = this.text(name);
    if (value === undefined) this.wrong.push(`${name} is required: ${what}`);
    return value ?? '';
  }

  oneOf(name: string, values: readonly string[], otherwise: string): string {
    const value = this.text(name) ?? otherwise;
    if (!values.includes(value))
      this.wrong.push(`${name} must be one of ${values.join(', ')}, not "${value}"`);
    return value;
  }

  whole(name: string, most: number, otherwise: number): number {
    const value = this.text(name);
    const number = value === undefined ? otherwise : Number(value);
    if (!Number.isInteger(number) || number < 1 || number > most)
      this.wrong.push(`${name} must be a whole number from 1 to ${most}, not "${value}"`);
    return number;
  }

  share(name: string, otherwise: number): number {
    const value = this.text(name);
    const number = value === undefined ? otherwise : Number(value);
    if (!(number >= 0 && number <= 1))
      this.wrong.push(`${name} must be a number from 0 to 1, not "${value}"`);
    return number;
  }

  /** What is in the file that a variable names. */
  file(name: string): string | undefined {
    const path = this.text(name);
    try {
      return path === undefined ? undefined : this.readFile(path);
    } catch (error) {
      this.wrong.push(`${name} must name a file that can be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  url(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !URL.canParse(value))
      this.wrong.push(`${name} must be an address such as http://host:8080, not "${value}"`);
    return value;
  }
}

const oidcOf = (read: Reader): ServiceConfig['oidc'] => {
  const issuer = read.url('OIDC_ISSUER');
  const audience = read.text('OIDC_AUDIENCE');
  const claims = {
    rolesClaim: read.text('OIDC_ROLES_CLAIM') ?? 'roles',
    channelsClaim: read.text('OIDC_CHANNELS_CLAIM') ?? 'channels',
    locationsClaim: read.text('OIDC_LOCATIONS_CLAIM') ?? 'locations',
  };
  if (issuer !== undefined && audience !== undefined) return { issuer, audience, ...claims };
  if (issuer !== undefined || audience !== undefined)
    read.wrong.push('OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none');
  return undefined;
};

/** What `work` reads. Throws `ConfigError` naming all that is wrong. */
const reading = <Value>(
  environment: Environment,
  work: (read: Reader) => Value,
  readFile = textOfFile,
): Value => {
  const read = new Reader(environment, readFile);
  const value = work(read);
  if (read.wrong.length > 0) throw new ConfigError(read.wrong.join('\n'));
  return value;
};

/** The identity provider that the environment names, if any. Throws `ConfigError`. */
export const oidcConfig = (environment: Environment): ServiceConfig['oidc'] =>
  reading(environment, oidcOf);

/** How a process that is no service of ours, such as the gateway, listens. */
export type ListenerConfig = Pick<ServiceConfig, 'port' | 'metricsPort' | 'trustedProxies'>;

/** Ports and trusted proxies. Throws `ConfigError`. */
export const listenerConfig = (environment: Environment): ListenerConfig =>
  reading(environment, listenerOf);

/** The proxies that the environment names. Throws `ConfigError`. */
export const proxiesConfig = (environment: Environment): readonly string[] =>
  reading(environment, proxiesOf);

/** Throws `ConfigError`. */
export const logLevelConfig = (environment: Environment, otherwise = 'info'): string =>
  reading(environment, (read) => logLevelOf(read, otherwise));

const listenerOf = (read: Reader): ListenerConfig => ({
  port: read.whole('PORT', PORT_MAX, 8080),
  metricsPort: read.whole('METRICS_PORT', PORT_MAX, METRICS_PORT),
  trustedProxies: proxiesOf(read),
});
const proxiesOf = (read: Reader): readonly string[] => {
  const given = trustedProxies(read.text('TRUSTED_PROXIES'));
  if ('proxies' in given) return given.proxies;
  read.wrong.push(
    `TRUSTED_PROXIES must be addresses or networks such as 10.1.0.0/16, loopback or none, not "${given.wrong}"`,
  );
  return [];
};
const logLevelOf = (read: Reader, otherwise: string): string =>
  read.oneOf('LOG_LEVEL', LEVELS, otherwise);

/** Without a user name nobody logs in. */
const loginOf = (read: Reader): KafkaSasl | undefined => {
  const username = read.text('KAFKA_USERNAME');
  const mechanism = read.oneOf('KAFKA_SASL_MECHANISM', MECHANISMS, 'scram-sha-512');
  if (username === undefined) return undefined;
  const password = read.required('KAFKA_PASSWORD', 'it goes with KAFKA_USERNAME');
  return { mechanism: mechanism as KafkaSasl['mechanism'], username, password };
};

/** A certificate authority or a certificate of its own also says that connections are to be encrypted. */
const tlsOf = (read: Reader): KafkaTls | undefined => {
  const isOn = read.oneOf('KAFKA_TLS', ['true', 'false'], 'false') === 'true';
  const ca = read.file('KAFKA_CA_FILE');
  const cert = read.file('KAFKA_CERT_FILE');
  const key = read.file('KAFKA_KEY_FILE');
  if ((cert === undefined) !== (key === undefined))
    read.wrong.push('KAFKA_CERT_FILE and KAFKA_KEY_FILE go together: set both or none');
  return isOn || ca !== undefined || cert !== undefined ? { ca, cert, key } : undefined;
};

const kafkaOf = (read: Reader): ServiceConfig['kafka'] => ({
  brokers: read
    .required('KAFKA_BROKERS', 'host:port of at least one broker, separated by commas')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== ''),
  partitions: read.whole('KAFKA_PARTITIONS', PARTITIONS_MAX, 12),
  replication: read.whole('KAFKA_REPLICATION', REPLICATION_MAX, 1),
  tls: tlsOf(read),
  sasl: loginOf(read),
});

/** How Kafka is reached, as the environment says. Throws `ConfigError`. */
export const kafkaConfig = (environment: Environment): ServiceConfig['kafka'] =>
  reading(environment, kafkaOf);

/** Parses a process' environment, once, before anything starts. Throws `ConfigError` naming all that is wrong. */
export const serviceConfig = (
  service: string,
  environment: Environment,
  readFile = textOfFile,
): ServiceConfig => reading(environment, (read) => serviceConfigOf(service, read), readFile);

const serviceConfigOf = (service: string, read: Reader): ServiceConfig => {
  const kafka = kafkaOf(read);
  const oidc = oidcOf(read);
  // The SDK reads it; a mistake in it is told at the start.
  read.url('OTEL_EXPORTER_OTLP_ENDPOINT');
  const traceRatio = read.text('OTEL_TRACES_SAMPLER')
    ? undefined
    : read.share('OTEL_TRACES_SAMPLER_ARG', TRACE_RATIO);
  const accessUrl = read.url('ACCESS_URL');
  if (service !== 'access' && accessUrl === undefined)
    read.wrong.push('ACCESS_URL is required: where the service access is reached');
  return {
    role: read.oneOf('ROLE', ROLES, 'both') as Role,
    ...listenerOf(read),
    databaseUrl: read.required('DATABASE_URL', 'postgres://user:password@host:5432/database'),
    kafka,
    eventStoreUrl: read.text('EVENTSTORE_URL'),
    // Told its own address like all the others, it would ask itself who holds a key.
    accessUrl: service === 'access' ? undefined : accessUrl,
    oidc,
    traceRatio,
    logLevel: logLevelOf(read, 'info'),
    migrates: read.oneOf('MIGRATE', ['start', 'never'], 'start') === 'start',
  };
};
