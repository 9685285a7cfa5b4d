import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { ROOT } from './alerts.fixtures.js';

type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
type Panel = {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Place;
  readonly datasource: { readonly uid: string };
};
type Dashboard = {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
};

const GRAFANA = join(ROOT, 'deploy/grafana');
const WIDTH = 24;
const files = readdirSync(join(GRAFANA, 'dashboards'));
const dashboards = files.map(
  (file) => JSON.parse(readFileSync(join(GRAFANA, 'dashboards', file), 'utf8')) as Dashboard,
);

const overlap = (one: Place, other: Place): boolean =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;

it('are what dashboards.mjs describes', async () => {
  const run = promisify(execFile);
  const script = join(GRAFANA, 'dashboards.mjs');
  await expect(run(process.execPath, [script, '--check'])).resolves.toMatchObject({ stderr: '' });
});

it('are five, each under its own name', () => {
  expect(files.sort()).toEqual(
    ['messaging', 'overview', 'services', 'stock', 'stores'].map((name) => `${name}.json`),
  );
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(files.length);
});

it('show every panel, and none above another', () => {
  for (const { title, panels } of dashboards) {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const covered = panels.flatMap((panel, index) =>
      panels
        .slice(index + 1)
        .filter(({ gridPos }) => overlap(gridPos, panel.gridPos))
        .map((other) => `${title}: ${panel.title} and ${other.title}`),
    );
    expect(covered).toEqual([]);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(WIDTH);
  }
});

it('ask a source that is provisioned', () => {
  const file = join(GRAFANA, 'provisioning/datasources/datasources.yaml');
  const { datasources } = parse(readFileSync(file, 'utf8')) as { datasources: { uid: string }[] };
  const known = datasources.map(({ uid }) => uid);
  for (const { panels } of dashboards)
    for (const { datasource } of panels) expect(known).toContain(datasource.uid);
});
