import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { upstreamsOf } from '@throughline/gateway';
import { KAFKA_VERSION } from '@throughline/kafka-broker';
import { listenerConfig, serviceConfig } from '@throughline/service-kit';
import { SERVICES } from '@throughline/standalone';
import { parse } from 'yaml';
import { ROOT } from './kustomize.js';

type Service = {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, string>> } };
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** `${NAME:-default}` and `${NAME:?reason}`, as Compose fills them in; throws where a reason stands. */
const filled = (yaml: string, environment: Readonly<Record<string, string>>): string =>
  yaml.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, kind: string, words: string) => {
    if (environment[name]) return environment[name];
    if (kind === '?') throw new Error(`required variable ${name} is missing a value: ${words}`);
    return words;
  });

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const { services, volumes } = parse(filled(text, {}), { merge: true }) as Compose;
const all = Object.entries(services);
const STORES = ['postgres', 'kafka', 'eventstore'];
const OBSERVERS = ['otel-collector', 'jaeger', 'prometheus', 'grafana'];
const names = SERVICES.map(({ name }) => name);
const ours = [...names, 'gateway', 'migrate'];

describe('docker-compose.yml', () => {
  it('runs every service of the workspace on its stores, observed, and nothing else', () =>
    expect(Object.keys(services).sort()).toEqual([...ours, ...STORES, ...OBSERVERS].sort()));

  it.each(names)('starts %s with an environment that it accepts', (name) => {
    const { command, environment = {} } = services[name]!;
    const text = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, `${value}`]),
    );
    expect(command).toEqual([`services/${name}/dist/main.js`]);
    expect(serviceConfig(name, text)).toMatchObject({ role: 'both', port: 8080, migrates: false });
  });

  it('lets the gateway find each service by its name', () =>
    expect(upstreamsOf(SERVICES, {}).map(({ urls }) => urls)).toEqual(
      names.map((name) => [`http://${name}:8080`]),
    ));

  it('lets Prometheus scrape each process on its port for metrics, which nobody else reaches', () => {
    const config = readFileSync(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8');
    const [{ dns_sd_configs: [targets] = [] }] = parse(config).scrape_configs;
    expect(targets.names.sort()).toEqual([...names, 'gateway'].sort());
    expect(targets.port).toBe(listenerConfig({}).metricsPort);
    const published = ours.flatMap((name) => services[name]!.ports ?? []);
    expect(published).toEqual(['127.0.0.1:8080:8080']);
  });

  it('migrates first, and opens last', () => {
    for (const name of names)
      expect(services[name]!.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
      });
    expect(Object.keys(services.migrate!.depends_on!)).toEqual(STORES);
    expect(Object.keys(services.gateway!.depends_on!).sort()).toEqual([...names].sort());
  });

  it.each(ours)('builds %s once and lets it write nowhere', (name) => {
    const { build, read_only, cap_drop } = services[name]!;
    expect(build).toEqual(services.gateway!.build);
    expect(existsSync(join(ROOT, build!.dockerfile))).toBe(true);
    expect([read_only, cap_drop]).toEqual([true, ['ALL']]);
  });

  it('uses the releases that the project is tested with', () => {
    const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    expect(dockerfile).toContain(`ARG NODE_VERSION=${devDependencies.node}\n`);
    expect(dockerfile).toMatch(/^USER [1-9]\d*:\d+$/m);
    expect(services.kafka!.image).toBe(`apache/kafka:${KAFKA_VERSION}`);
  });

  it.each(all)('%s names a version and has limits', (_, { image, deploy }) => {
    expect(image).toMatch(/^[\w./-]+:v?\d+\.[\d.]+$/);
    expect(Object.keys(deploy?.resources.limits ?? {}).sort()).toEqual(['cpus', 'memory']);
  });

  it.each(STORES)('%s says when it is ready', (name) =>
    expect(services[name]!.healthcheck?.test?.length).toBeGreaterThan(1),
  );

  it('has no password but replaceable defaults, and opens ports to this machine alone', () => {
    const secrets = text.match(/^.*(PASSWORD: |:\/\/\w+:[^/]*@).*$/gm) ?? [];
    expect(secrets.length).toBeGreaterThan(2);
    for (const line of secrets) expect(line).toMatch(/\$\{(POSTGRES|GRAFANA)_PASSWORD:-/);
    for (const [, { ports = [] }] of all)
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('mounts what is there', () => {
    const sources = all.flatMap(([, { volumes: mounts = [] }]) =>
      mounts.map((mount) => mount.split(':')[0]!),
    );
    expect(sources.length).toBeGreaterThan(8);
    for (const source of sources)
      expect([
        source,
        source.startsWith('./') ? existsSync(join(ROOT, source)) : source in volumes,
      ]).toEqual([source, true]);
  });
});

describe('docker-compose.open.yml', () => {
  const opening = readFileSync(join(ROOT, 'docker-compose.open.yml'), 'utf8');
  const PASSWORDS = { POSTGRES_PASSWORD: 'one', GRAFANA_PASSWORD: 'two' };
  /** What stands in it replaces lists and joins mappings, as `!override` says and Compose does otherwise. */
  const open = (environment: Readonly<Record<string, string>>): Compose['services'] => {
    const { services: more } = parse(filled(opening, environment), {
      customTags: [{ tag: '!override', collection: 'seq' }],
    }) as Compose;
    const base = (parse(filled(text, environment), { merge: true }) as Compose).services;
    const merged = Object.entries(base).map(([name, service]) => {
      const environment = { ...service.environment, ...more[name]?.environment };
      return [name, { ...service, ...more[name], environment }];
    });
    return Object.fromEntries(merged);
  };

  it.each(Object.keys(PASSWORDS))('refuses the known default of %s', (name) =>
    expect(() => open({ ...PASSWORDS, [name]: '' })).toThrow(
      `required variable ${name} is missing`,
    ),
  );

  it('gives up every known password that the other file has', () => {
    const known = (all: object): number =>
      JSON.stringify(all).match(/:throughline@|PASSWORD":"throughline"/g)?.length ?? 0;
    expect([known(services) > 9, known(open(PASSWORDS))]).toEqual([true, 0]);
  });

  it('opens what asks for a key or a password, and nothing else', () => {
    const ports = Object.entries(open(PASSWORDS)).flatMap(([name, { ports: own = [] }]) =>
      own.filter((port) => !port.startsWith('127.0.0.1:')).map((port) => `${name} ${port}`),
    );
    expect(ports).toEqual(['gateway 0.0.0.0:8080:8080', 'grafana 0.0.0.0:3000:3000']);
    expect(open(PASSWORDS).grafana!.environment!.GF_AUTH_ANONYMOUS_ENABLED).toBe('false');
  });
});
