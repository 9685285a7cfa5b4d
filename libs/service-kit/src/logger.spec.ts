import { TransientError } from '@throughline/kernel';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { inSpan, startTracing, withLogContext } from '@throughline/telemetry';
import type { Logger } from 'pino';
import { parse } from 'yaml';
import { createLogger } from './logger.js';

const CANARY = 'canary-7f3a';

/** What `work` makes a logger write, line by line. */
const written = (work: (logger: Logger) => void, level = 'info'): readonly string[] => {
  const lines: string[] = [];
  work(createLogger(level, { write: (line) => void lines.push(line) }));
  return lines;
};
const logged = (work: (logger: Logger) => void) => JSON.parse(written(work)[0] ?? 'null');

it('writes a line of JSON with level, service, UTC time and words', () => {
  const line = logged((logger) => logger.child({ service: 'routing' }).warn({ tries: 2 }, 'late'));
  expect(line).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    service: 'routing',
    tries: 2,
    msg: 'late',
  });
});

it('writes nothing below its level', () => {
  expect(written((logger) => logger.info('unheard'), 'warn')).toEqual([]);
  expect(written((logger) => logger.fatal('unheard'), 'silent')).toEqual([]);
});

it('says which order, message and trace a line comes from', async () => {
  const tracing = await startTracing({
    service: 'spec',
    exporter: new InMemorySpanExporter(),
    ratio: 1,
  });
  const ids = { orderId: 'o1', correlationId: 'c1', causationId: 'm1' };
  try {
    await inSpan('handle', {}, async (span) => {
      const line = withLogContext(ids, () => logged((logger) => logger.info('placed')));
      expect(line).toMatchObject({ ...ids, traceId: span.spanContext().traceId });
    });
  } finally {
    await tracing.stop();
  }
});

it.each<[string, (logger: Logger) => void, object]>([
  [
    'of a service in a host in a process',
    (logger) =>
      logger.child({ service: 'host' }).child({ service: 'routing' }).info({ tries: 1 }, 'noted'),
    { service: 'routing', tries: 1, msg: 'noted' },
  ],
  [
    'with a field that its logger has',
    (logger) => logger.child({ group: 'routing' }).warn({ group: 'routing.oms.order' }, 'late'),
    { group: 'routing.oms.order', msg: 'late' },
  ],
  [
    'with a field that the work around it has',
    (logger) =>
      withLogContext({ service: 'payments', group: 'a' }, () =>
        logger.child({ service: 'routing', group: 'b' }).error({ service: 'access' }, 'failed'),
      ),
    { service: 'access', group: 'a', msg: 'failed' },
  ],
  [
    'with fields that are called as its own',
    (logger) => logger.info({ level: 9, time: 'noon', msg: 'other' }, 'noted'),
    { level: 'info', time: expect.stringMatching(/^\d{4}-/), msg: 'noted' },
  ],
])('has no name twice in a line %s', (_, work, expected) => {
  const [line = ''] = written(work);
  // YAML reads JSON, and refuses a name that comes twice.
  expect(parse(line)).toMatchObject(expected);
  expect(line.endsWith('}\n')).toBe(true);
});

it('names one service, that of its logger first', () => {
  withLogContext({ service: 'routing' }, () => {
    expect(logged((logger) => logger.info('noted')).service).toBe('routing');
    const [line] = written((logger) => logger.child({ service: 'access' }).info('noted'));
    expect(line?.match(/"service":"\w+"/g)).toEqual(['"service":"access"']);
  });
});

it('writes of an error its name, words, code, place and cause, and nothing else that hangs on it', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const err = Object.assign(new TypeError('away', { cause }), { client: { user: CANARY } });
  const line = logged((logger) => logger.error({ err }, 'failed'));
  expect(line.err).toMatchObject({
    name: 'TypeError',
    message: 'away',
    cause: { message: 'refused', code: 'ECONNREFUSED' },
  });
  expect(line.err.stack).toContain('logger.spec');
  expect(JSON.stringify(line)).not.toContain(CANARY);
});

it('writes of what is away its words, without a trace', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const err = new TransientError('read order-1: away', { cause });
  const line = logged((logger) => logger.warn({ err }, 'not now'));
  expect(line.err).toEqual({
    name: 'TransientError',
    message: 'read order-1: away',
    cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
  });
});

it.each<[string, object]>([
  ['personal data', { order: { customer: { id: 'c-17', personal: { name: CANARY } } } }],
  ['personal data in a list', { orders: [{ shipTo: { personal: { lines: [CANARY] } } }] }],
  ['a key in a header', { headers: { Authorization: `Bearer ${CANARY}` } }],
  ['a cookie', { headers: { cookie: CANARY } }],
  ['a password', { options: { password: CANARY } }],
  ['a webhook secret', { partner: { secret: CANARY } }],
  ['a connection string', { options: { connectionString: `host=db ${CANARY}` } }],
  ['a password in an address', { words: `postgres://oms:${CANARY}@db:5432/oms is away` }],
  ['a password in libpq words', { words: `host=db password=${CANARY} user=oms` }],
  ['a password in an error', { err: new Error(`cannot reach postgres://oms:${CANARY}@db`) }],
  ['a bearer key in a text', { words: `sent Bearer ${CANARY} twice` }],
  ['an API key in a text', { words: `tl_${'0'.repeat(16)}_${CANARY.padEnd(43, 'x')}` }],
  ['a token in a text', { words: `eyJhbGciOi.${CANARY}.signature` }],
  ['the query of an address', { url: `/v1/orders?name=${CANARY}` }],
  [
    'what lies too deep to look at',
    { a: { b: { c: { d: { e: { f: { g: { h: [CANARY] } } } } } } } },
  ],
])('never writes %s', (_, fields) => {
  const [line] = written((logger) => logger.info(fields, 'noted'));
  expect(line).toContain('noted');
  expect(line).not.toContain(CANARY);
});

it('never writes a secret of its message either', () => {
  const [line] = written((logger) => logger.info(`listening on postgres://oms:${CANARY}@db`));
  expect(line).toContain('listening on postgres://[hidden]@db');
});

it('leaves everything else as it is', () => {
  const fields = { at: new Date(0), sku: '85123A', lines: [{ quantity: 2 }], url: '/v1/orders/o1' };
  expect(logged((logger) => logger.info(fields, 'noted'))).toMatchObject({
    at: '1970-01-01T00:00:00.000Z',
    sku: '85123A',
    lines: [{ quantity: 2 }],
    url: '/v1/orders/o1',
  });
});
