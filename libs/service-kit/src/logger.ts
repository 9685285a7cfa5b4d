import { TransientError } from '@throughline/kernel';
import { logContext } from '@throughline/telemetry';
import { pino, type DestinationStream, type Logger } from 'pino';

type LoggedError = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
};

/** What a log needs of an error: never its other members, which may hold connections and their secrets. */
const loggedError = (error: unknown, isTraced = true): LoggedError | unknown => {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: string };
  // What is away is not in our code: a trace says nothing, and an outage has hundreds of them.
  const withTrace = isTraced && !(error instanceof TransientError);
  return {
    name,
    message,
    ...(withTrace && { stack }),
    ...(code !== undefined && { code }),
    ...(cause instanceof Error && { cause: loggedError(cause, withTrace) }),
  };
};

const HIDDEN = '[hidden]';
/** Members that are never logged, wherever they stand: personal data lie in `personal` and nowhere else. */
const HIDDEN_MEMBERS: ReadonlySet<string> = new Set([
  'personal',
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'token',
  'apikey',
  'api-key',
  'x-api-key',
  'connectionstring',
  'databaseurl',
]);
const DEPTH_MAX = 8;

/** A copy without the members above; what lies deeper than any of our data is cut off. */
const hideMembers = (value: unknown, depth = 0): unknown => {
  // An error is reduced by its serializer.
  if (value === null || typeof value !== 'object' || value instanceof Error) return value;
  if (depth === DEPTH_MAX) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hideMembers(item, depth + 1));
  if ('toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      HIDDEN_MEMBERS.has(key.toLowerCase()) ? HIDDEN : hideMembers(member, depth + 1),
    ]),
  );
};

/** Secrets that may stand in the middle of a text, such as the message of an error. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/:\/\/[^\s"/@]*:[^\s"/@]+@/g, `://${HIDDEN}@`],
  [/\bBearer\s+[^\s"\\]+/gi, `Bearer ${HIDDEN}`],
  [/\b(tl_[0-9a-f]{16})_[\w-]{43}/g, `$1_${HIDDEN}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, HIDDEN],
  [/\b(password|secret)=[^\s"&]+/gi, `$1=${HIDDEN}`],
];

const hideSecrets = (line: string): string =>
  SECRETS.reduce((text, [secret, instead]) => text.replace(secret, instead), line);

/**
 * A line without a name twice, which readers of JSON may refuse or understand in different ways: loggers made of loggers, a
 * field and the work around it may all name a service or a group. The last one, which is nearest to the words, stays.
 */
const uniqueNames = (line: string): string => `${JSON.stringify(JSON.parse(line))}\n`;

/** What the line itself says first; a field of the same name would be taken for it. */
const OWN_NAMES: ReadonlySet<string> = new Set(['level', 'time']);
const withoutOwnNames = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN_NAMES.has(name)));

/** The service whose logger writes knows best whose line it is. */
const contextFor = (_: object, __: number, logger: Logger): object => {
  const { service, ...rest } = logContext();
  return service === undefined || 'service' in logger.bindings() ? rest : { service, ...rest };
};

/**
 * JSON lines from `level` on (`silent` for none), on standard output unless a destination is given. Each
 * carries the ids of the work that it comes from (trace, correlation, causation, order), and each name once. Personal data, keys
 * and passwords never leave the process; of an address only the path does, since a query may name a person.
 */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: contextFor,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => hideMembers(withoutOwnNames(fields)) as Record<string, unknown>,
      },
      serializers: { err: loggedError, url: (url: unknown) => String(url).split('?')[0] },
      hooks: { streamWrite: (line) => hideSecrets(uniqueNames(line)) },
    },
    destination ?? pino.destination(1),
  );
