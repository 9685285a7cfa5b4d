import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../../..');
export const PROMETHEUS = join(ROOT, 'deploy/prometheus');

export type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
};
type Rule = Alert | { readonly record: string; readonly expr: string };
export type RuleTest = {
  readonly name: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
};

const yaml = <Content>(file: string): Content =>
  parse(readFileSync(join(PROMETHEUS, file), 'utf8')) as Content;

export const TEST_FILES = readdirSync(PROMETHEUS).filter((file) => file.endsWith('.test.yml'));
export const RULES: readonly Rule[] = yaml<{ groups: { rules: Rule[] }[] }>(
  'alerts.yml',
).groups.flatMap(({ rules }) => rules);
export const ALERTS: readonly Alert[] = RULES.filter((rule) => 'alert' in rule);
export const RULE_TESTS: readonly RuleTest[] = TEST_FILES.flatMap(
  (file) => yaml<{ tests: RuleTest[] }>(file).tests,
);
