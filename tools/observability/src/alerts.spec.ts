import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@throughline/standalone';
import { ALERTS, PROMETHEUS, ROOT, RULES, RULE_TESTS, TEST_FILES } from './alerts.fixtures.js';
import { findPromtool, promtool } from './promtool.fixtures.js';

const { program, reason } = await findPromtool();
if (!program) process.stderr.write(`\nNOT RUN: the tests of the alert rules. ${reason}\n\n`);
const withPromtool = program ? it : it.skip;

it('has promtool wherever it counts', () => {
  expect(process.env.CI === 'true' ? reason : undefined).toBeUndefined();
});

withPromtool('fires and stays silent as the tests say', async () => {
  const answers = await Promise.all(
    TEST_FILES.map((file) => promtool(program!, 'test', 'rules', file)),
  );
  expect(answers).toEqual(TEST_FILES.map(() => expect.stringContaining('SUCCESS')));
});

withPromtool('is a configuration that Prometheus accepts', async () => {
  expect(await promtool(program!, 'check', 'config', 'prometheus.yml')).toContain('SUCCESS');
});

describe.each(ALERTS.map((alert) => [alert.alert, alert] as const))('%s', (name, alert) => {
  it('says how urgent it is and has a runbook that speaks of it', () => {
    expect(['page', 'ticket']).toContain(alert.labels.severity);
    expect(alert.annotations.summary).not.toBe('');
    const runbook = join(ROOT, alert.annotations.runbook_url);
    expect(alert.annotations.runbook_url).toMatch(/^docs\/operations\/[a-z-]+\.md$/);
    expect(existsSync(runbook)).toBe(true);
    expect(readFileSync(runbook, 'utf8')).toContain(name);
    expect(readFileSync(join(ROOT, 'docs/operations/README.md'), 'utf8')).toContain(name);
  });

  it('has a test in which it fires and one in which it stays silent', () => {
    const own = RULE_TESTS.flatMap(({ alert_rule_test: expected }) => expected).filter(
      ({ alertname }) => alertname === name,
    );
    expect(own.filter(({ exp_alerts: fired }) => fired.length > 0)).not.toEqual([]);
    expect(own.filter(({ exp_alerts: fired }) => fired.length === 0)).not.toEqual([]);
  });
});

it('has no alert or recorded series twice', () => {
  const names = RULES.map((rule) => ('alert' in rule ? rule.alert : rule.record));
  expect(names).toEqual([...new Set(names)]);
});

it('is silent in a test because of its values, not because nothing was there', () => {
  const silent = RULE_TESTS.filter(({ alert_rule_test: expected }) =>
    expected.every(({ exp_alerts: fired }) => fired.length === 0),
  );
  for (const { name, alert_rule_test: expected, input_series: series } of silent) {
    const alert = ALERTS.find((one) => one.alert === expected[0]?.alertname);
    const given = series.map((one) => one.series.split('{')[0]!);
    const recorded = RULES.filter((rule) => 'record' in rule && alert?.expr.includes(rule.record));
    const asked = [alert, ...recorded].map((rule) => rule?.expr).join(' ');
    expect([name, given.some((metric) => asked.includes(metric))]).toEqual([name, true]);
  }
});

it('misses no service', () => {
  const names = [...SERVICES.map(({ name }) => name), 'gateway'].sort();
  const missing = ALERTS.find(({ alert }) => alert === 'ServiceMissing')?.expr ?? '';
  expect([...missing.matchAll(/app="([\w-]+)"/g)].map(([, app]) => app).sort()).toEqual(names);
  const config = readFileSync(join(PROMETHEUS, 'prometheus.yml'), 'utf8');
  for (const name of names) expect(config).toMatch(new RegExp(`^ +- ${name}$`, 'm'));
});
