import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '@throughline/telemetry';
import { until } from '@throughline/testing';
import { parse } from 'yaml';
import { TestSystem } from './system.fixtures.js';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
/** Written by Prometheus itself. */
const OF_PROMETHEUS: ReadonlyMap<string, readonly string[]> = new Map([
  ['up', []],
  ['ALERTS', ['alertname', 'alertstate', 'severity']],
]);
const OF_TARGETS = ['app', 'instance', 'job'];

type Panel = { readonly title: string; readonly targets: readonly Target[] };
type Target = { readonly expr: string; readonly legendFormat?: string };
type Rule = { readonly alert?: string; readonly record?: string; readonly expr: string };
/** A query, and what shows its labels. */
type Question = { readonly where: string; readonly expr: string; readonly text: string };

const RULES = (
  parse(readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  }
).groups.flatMap(({ rules }) => rules);

const questions = (): readonly Question[] => {
  const folder = join(DEPLOY, 'grafana/dashboards');
  const panels = readdirSync(folder).flatMap((file) => {
    const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { panels: Panel[] };
    return content.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat = '' }) => ({
        where: `${file}: ${title}`,
        expr,
        text: legendFormat,
      })),
    );
  });
  const asked = RULES.map(({ alert, record, expr, ...rest }) => ({
    where: `alerts.yml: ${alert ?? record}`,
    expr,
    text: JSON.stringify(rest).replaceAll('$labels.', ''),
  }));
  return [...panels, ...asked];
};

/** Function names, words of the language and label lists taken away, what is left over are metrics. */
const metricsIn = (expr: string): readonly string[] =>
  [
    ...expr
      .replaceAll(/\{[^}]*\}/g, '{}')
      .replaceAll(/\b(by|without)\s*\([^)]*\)/g, ' ')
      .matchAll(/(?<![\w$:.[])([A-Za-z_][\w:]*)(?!\w*\s*\()/g),
  ]
    .map(([, name]) => name!)
    .filter((name) => !['and', 'or', 'unless', 'bool', 'on', 'le'].includes(name));

const labelsIn = ({ expr, text }: Question): readonly string[] => [
  ...[...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label!),
  ...[...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/\s*,\s*/)),
  ...[...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label!),
];

let system: TestSystem;
let exported: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.stock('leeds', 'LS1', { A: 5 });
  await system.place('metrics-1', { A: 2 });
  await system.settled();
  const text = await system.ok('GET', '/metrics');
  const served = [...String(text).matchAll(/^# TYPE (\S+) (\w+)$/gm)];
  exported = new Map(
    served.flatMap(([, name, type]) => {
      const metric = registry.getSingleMetric(name!) as { readonly labelNames?: string[] };
      const labels = [...(metric?.labelNames ?? [])];
      return type === 'histogram'
        ? [
            [`${name}_bucket`, [...labels, 'le']],
            [`${name}_sum`, labels],
            [`${name}_count`, labels],
          ]
        : [[name!, labels] as const];
    }) as [string, readonly string[]][],
  );
});
afterAll(() => system.stop());

/** The labels of a metric; those of a recorded series are what its rule leaves of them. */
const labelsOf = (metric: string): readonly string[] | undefined => {
  const recorded = RULES.find(({ record }) => record === metric);
  if (!recorded) return exported.get(metric) ?? OF_PROMETHEUS.get(metric);
  return /\bby\s*\(([^)]*)\)/.exec(recorded.expr)?.[1]?.split(/\s*,\s*/) ?? [];
};

it('asks in every panel and rule for metrics that the running system exports', () => {
  const missing = questions().flatMap(({ where, expr }) => {
    const asked = metricsIn(expr);
    expect([where, asked.length > 0]).toEqual([where, true]);
    return asked.filter((name) => labelsOf(name) === undefined).map((name) => `${where}: ${name}`);
  });
  expect(missing).toEqual([]);
  expect(questions().length).toBeGreaterThan(70);
});

it('asks for labels that these metrics have', () => {
  const missing = questions().flatMap((question) => {
    const known = new Set([
      ...OF_TARGETS,
      ...metricsIn(question.expr).flatMap((name) => labelsOf(name) ?? []),
    ]);
    return labelsIn(question)
      .filter((label) => !known.has(label))
      .map((label) => `${question.where}: ${label}`);
  });
  expect(missing).toEqual([]);
});

it('exports what the objectives of taking orders name, under the names that they use', async () => {
  const text = String(await system.ok('GET', '/metrics'));
  const order = 'service="order-capture",route="/v1/orders",method="POST"';
  expect(text).toContain(`oms_http_requests_total{${order},status="201"} 1`);
  // How quick it was is up to the machine.
  expect(text).toContain(`oms_http_request_seconds_bucket{le="0.25",${order}} `);
  expect(text).toMatch(
    /^oms_command_seconds_count\{category="order",command="PlaceOrder",outcome="ok"\} 1$/m,
  );
  expect(text).toMatch(/^oms_append_seconds_count\{store="postgres",outcome="ok"\} \d+$/m);
  expect(text).toMatch(
    /^oms_projection_lag_seconds\{service="order-capture",projection="order-list"\} /m,
  );
  expect(text).toMatch(
    /^oms_consumer_messages_total\{group="routing.oms.order",topic="oms.order",outcome="handled"\} \d+$/m,
  );
});

it('is shown to this machine and to keys, and tells others no more than whether it is ready', async () => {
  const { app } = system.host;
  const ask = async (url: string, remoteAddress: string, headers = {}) => {
    const { statusCode, body } = await app.inject({ url, remoteAddress, headers });
    return { status: statusCode, isTold: body.includes('oms_') || body.includes('parts') };
  };
  const key = { authorization: 'Bearer test' };
  for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    expect(await ask('/metrics', here)).toEqual({ status: 200, isTold: true });
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  expect(await ask('/metrics', '10.0.0.1')).toEqual({ status: 401, isTold: false });
  expect(await ask('/metrics', '127.0.0.1', proxied)).toEqual({ status: 401, isTold: false });
  expect(await ask('/metrics', '10.0.0.1', key)).toEqual({ status: 200, isTold: true });
  expect(await ask('/health/ready', '127.0.0.1')).toEqual({ status: 200, isTold: true });
  expect(await ask('/health/ready', '10.0.0.1')).toEqual({ status: 200, isTold: false });
});

it('makes no series of what strangers send', async () => {
  const series = async () =>
    String(await system.ok('GET', '/metrics'))
      .split('\n')
      .filter((line) => line.startsWith('oms_http_'))
      .map((line) => line.replace(/ \S+$/, ''));
  const send = async (name: number) => {
    await system.http('GET', `/v1/orders/${name}?${name}=${name}`);
    await system.http('GET', `/nowhere/${name}`);
    await system.http('POST', `/v1/${name}/orders`);
  };
  await send(1);
  await until(async () => (await series()).some((line) => line.includes('"unmatched"')));
  const before = await series();
  for (let name = 2; name < 20; name += 1) await send(name);
  expect(await series()).toEqual(before);
});
