import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { kafkaUsers, principalOf, principalsOf } from '@throughline/messaging';
import { kafkaUseOf } from '@throughline/service-kit';
import { SERVICES } from '@throughline/standalone';
import { environmentOf } from './environment.js';
import { findKustomize, render, ROOT } from './kustomize.js';
import {
  containersOf,
  NAME_LABEL,
  podLabels,
  titleOf,
  workloads,
  type Manifest,
} from './manifest.js';
import { rulesFor } from './rules/index.js';

const OVERLAYS = join(ROOT, 'k8s/overlays');
const { program, reason } = findKustomize();

/** A service needs a worker when its module lists anything that runs beside requests. */
const works = (name: string): boolean => {
  const module = readFileSync(join(ROOT, `services/${name}/src/${name}.module.ts`), 'utf8');
  const isEmpty = ['publishers', 'consumers', 'projections'].every((part) =>
    module.includes(`${part}: []`),
  );
  return !isEmpty || /\btasks\b/.test(module);
};

const rules = rulesFor(
  SERVICES.map((definition) => ({ definition, works: works(definition.name) })),
);
type RuleName = keyof typeof rules;
const names = Object.keys(rules) as RuleName[];

if (!program) {
  process.stderr.write(`\n*** The Kubernetes manifests are NOT checked: ${reason}\n\n`);
  it('knows the folder of every service', () =>
    expect(SERVICES.map(({ name }) => works(name))).toContain(true));
}
const withKustomize = program ? describe : describe.skip;
const rendered = (overlay: string): readonly Manifest[] =>
  render(program!, join(OVERLAYS, overlay));

withKustomize.each(readdirSync(OVERLAYS))('the overlay %s', (overlay) => {
  let objects: readonly Manifest[];
  beforeAll(() => {
    objects = rendered(overlay);
  });

  it('has every object once', () => {
    const titles = objects.map(titleOf);
    expect(titles.length).toBeGreaterThan(50);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it.each(names)('%s', (name) => expect(rules[name](objects)).toEqual([]));
});

/** The overlay `prod` with components, and with more in its settings. */
const renderedWith = (
  components: readonly string[],
  literals: readonly string[] = [],
): readonly Manifest[] => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-manifests-'));
  try {
    const settings = { name: 'throughline', behavior: 'merge', literals };
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: 'throughline',
      resources: [relative(folder, join(OVERLAYS, 'prod'))],
      components: components.map((name) => relative(folder, join(ROOT, 'k8s/components', name))),
      ...(literals.length > 0 && { configMapGenerator: [settings] }),
    };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return render(program!, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

withKustomize('an installation with an identity provider', () => {
  const withProvider = (components: readonly string[]): readonly Manifest[] =>
    renderedWith(components, [
      'OIDC_ISSUER=https://id.example.com/realm',
      'OIDC_AUDIENCE=throughline',
    ]);

  it('follows every rule', () => {
    const objects = withProvider(['oidc']);
    expect(names.flatMap((name) => rules[name](objects))).toEqual([]);
  });

  it('is told when the way to the provider is shut', () =>
    expect(rules.reachesWhatItCalls(withProvider([]))).toHaveLength(SERVICES.length));
});

withKustomize('an installation whose services log in to Kafka', () => {
  let objects: readonly Manifest[];
  beforeAll(() => {
    objects = renderedWith(['kafka-users']);
  });
  const isUser = ({ kind }: Manifest): boolean => kind === 'KafkaUser';

  it('follows every rule', () => {
    const others = objects.filter((object) => !isUser(object));
    expect(names.flatMap((name) => rules[name](others))).toEqual([]);
  });

  it('has a user for each service, who may do exactly what its module declares', async () => {
    const wanted = kafkaUsers(principalsOf(await Promise.all(SERVICES.map(kafkaUseOf))), 'kafka');
    const { items } = JSON.parse(
      readFileSync(join(ROOT, 'k8s/components/kafka-users/users.json'), 'utf8'),
    );
    expect(items).toEqual(wanted);
    expect(objects.filter(isUser)).toHaveLength(wanted.length);
  });

  it('has every process log in as its service, with a password of its own', () => {
    const logins = workloads(objects).flatMap((workload) => {
      const { [NAME_LABEL]: service = 'migrate' } = podLabels(workload);
      const { KAFKA_USERNAME, KAFKA_CA_FILE } = environmentOf(objects, workload);
      const secrets = containersOf(workload)
        .flatMap(({ env = [] }) => env)
        .filter(({ name }) => name === 'KAFKA_PASSWORD')
        .map(({ valueFrom }) => valueFrom?.secretKeyRef?.name);
      return service === 'gateway' ? [] : [{ service, KAFKA_USERNAME, KAFKA_CA_FILE, secrets }];
    });
    expect(logins.length).toBeGreaterThan(SERVICES.length);
    for (const login of logins)
      expect(login).toEqual({
        service: login.service,
        KAFKA_USERNAME: principalOf(login.service),
        KAFKA_CA_FILE: '/etc/throughline/kafka/ca.crt',
        secrets: [principalOf(login.service)],
      });
  });
});

/** A copy with one thing changed: `path` below the object called `title`; undefined takes it away. */
const changed = (
  objects: readonly Manifest[],
  title: string,
  path: string,
  value: unknown,
): readonly Manifest[] => {
  const copy = structuredClone(objects);
  const object = copy.find((one) => titleOf(one) === title);
  if (!object) throw new Error(`there is no ${title}`);
  const keys = path.split('/').map((key) => key.replaceAll('~1', '/'));
  const last = keys.pop()!;
  const parent = keys.reduce<unknown>((node, key) => Reflect.get(node as object, key), object);
  if (!(last in (parent as object)) && value === undefined) throw new Error(`no ${path}`);
  if (value === undefined) Reflect.deleteProperty(parent as object, last);
  else Reflect.set(parent as object, last, value);
  return copy;
};

const WORKER = 'Deployment payments-worker';
const API = 'Deployment order-capture-api';
const POD = 'spec/template/spec';
const CONTAINER = `${POD}/containers/0`;
const ANYONE = [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 5432 }] }];
const mutations: readonly (readonly [RuleName, string, string, unknown])[] = [
  ['followsSchema', WORKER, `${CONTAINER}/memory`, '1Gi'],
  ['followsSchema', API, 'spec/replica', 2],
  ['followsSchema', API, `${CONTAINER}/ports/0/containerPort`, '8080'],
  ['followsSchema', 'Deployment gateway', 'spec/selector', undefined],
  ['followsSchema', 'Service gateway', 'apiVersion', 'v2'],
  ['hasResources', WORKER, `${CONTAINER}/resources/limits/memory`, undefined],
  ['hasResources', 'Job migrate', `${CONTAINER}/resources/requests`, undefined],
  ['isProbed', WORKER, `${CONTAINER}/livenessProbe`, undefined],
  ['isProbed', API, `${CONTAINER}/readinessProbe`, undefined],
  ['isProbed', API, `${CONTAINER}/startupProbe/httpGet/port`, 'web'],
  ['isProbed', API, `${CONTAINER}/livenessProbe/httpGet/path`, '/health/ready'],
  ['isRestricted', API, `${POD}/securityContext/runAsNonRoot`, false],
  ['isRestricted', 'Job migrate', `${POD}/securityContext/seccompProfile`, undefined],
  ['isRestricted', WORKER, `${CONTAINER}/securityContext/readOnlyRootFilesystem`, undefined],
  ['isRestricted', WORKER, `${CONTAINER}/securityContext/capabilities`, { drop: ['NET_RAW'] }],
  ['isRestricted', WORKER, `${POD}/volumes/0`, { name: 'tmp', hostPath: { path: '/' } }],
  ['isPinned', WORKER, `${CONTAINER}/image`, 'registry.example.com:5000/throughline'],
  ['isPinned', WORKER, `${CONTAINER}/image`, 'throughline:latest'],
  ['hasNoToken', API, `${POD}/serviceAccountName`, undefined],
  ['hasNoToken', API, `${POD}/automountServiceAccountToken`, undefined],
  ['keepsSecretsApart', API, `${CONTAINER}/env/0/value`, 'postgres://me:secret@db/throughline'],
  ['keepsSecretsApart', API, `${CONTAINER}/envFrom/1/secretRef/name`, 'throughline-admin'],
  [
    'keepsSecretsApart',
    'Deployment gateway',
    `${CONTAINER}/envFrom/0`,
    { secretRef: { name: 'throughline' } },
  ],
  ['rollsGracefully', WORKER, 'spec/strategy/rollingUpdate/maxUnavailable', 1],
  ['rollsGracefully', WORKER, `${POD}/terminationGracePeriodSeconds`, 25],
  ['rollsGracefully', 'Deployment gateway', `${CONTAINER}/lifecycle`, undefined],
  ['hasOwnNamespace', 'Service gateway', 'metadata/namespace', 'default'],
  ['hasOwnNamespace', 'Namespace throughline', 'metadata/labels', {}],
  ['survivesDrains', 'PodDisruptionBudget payments-worker', 'spec/maxUnavailable', 0],
  ['survivesDrains', 'PodDisruptionBudget payments-worker', 'spec/selector/matchLabels/x', 'y'],
  ['survivesDrains', API, `${POD}/topologySpreadConstraints`, undefined],
  ['scalesSoundly', 'HorizontalPodAutoscaler gateway', 'spec/scaleTargetRef/name', 'gate'],
  ['scalesSoundly', 'HorizontalPodAutoscaler payments-worker', 'spec/maxReplicas', 13],
  ['scalesSoundly', WORKER, 'spec/replicas', 2],
  [
    'scalesSoundly',
    'HorizontalPodAutoscaler payments-worker',
    'spec/metrics/0/external/metric/selector/matchLabels/app',
    'returns',
  ],
  ['selectorsMatch', API, 'spec/selector/matchLabels', { 'app.kubernetes.io/component': 'api' }],
  ['selectorsMatch', 'Service routing-api', 'spec/selector/app.kubernetes.io~1name', 'rooting'],
  ['selectorsMatch', 'NetworkPolicy access', 'spec/podSelector/matchLabels/x', 'y'],
  ['referencesExist', API, `${CONTAINER}/envFrom/0/configMapRef/name`, 'settings'],
  ['referencesExist', API, `${CONTAINER}/envFrom/1/secretRef/name`, 'secret'],
  ['referencesExist', 'Service routing-api', 'spec/ports/0/targetPort', 9090],
  ['deploysServices', API, 'metadata/name', 'order-catcher-api'],
  ['deploysServices', API, `${CONTAINER}/args/0`, 'services/standalone/dist/main.js'],
  ['deploysServices', 'Job migrate', `${CONTAINER}/args/0`, 'services/standalone/dist/main.js'],
  ['isTold', API, `${CONTAINER}/env/2/value`, 'worker'],
  ['isTold', WORKER, `${CONTAINER}/envFrom`, []],
  ['gatewayFindsServices', 'Service returns-api', 'spec/ports/0/port', 80],
  ['gatewayFindsServices', 'Deployment gateway', `${CONTAINER}/envFrom`, []],
  ['isClosedByDefault', 'NetworkPolicy default-deny', 'spec/policyTypes', ['Ingress']],
  ['isClosedByDefault', 'NetworkPolicy api', 'spec/ingress/0/from', undefined],
  ['isClosedByDefault', 'NetworkPolicy kafka', 'spec/egress/0/ports', undefined],
  ['isClosedByDefault', 'NetworkPolicy gateway', 'spec/egress/0/to', [{ podSelector: {} }]],
  ['reachesWhatItCalls', 'NetworkPolicy access', 'spec/ingress', undefined],
  ['reachesWhatItCalls', 'NetworkPolicy gateway', 'spec/egress', undefined],
  ['reachesWhatItCalls', 'NetworkPolicy postgres', 'spec/egress/0/ports/0/port', 5433],
  ['reachesWhatItCalls', 'NetworkPolicy eventstore', 'spec/podSelector/matchLabels', { a: 'b' }],
  ['reachesWhatItCalls', 'NetworkPolicy traces', 'spec/egress', []],
  ['reachesWhatItCalls', 'NetworkPolicy dns', 'spec/egress', []],
  ['reachesNoMore', 'NetworkPolicy gateway', 'spec/egress', ANYONE],
  ['isObserved', 'NetworkPolicy metrics', 'spec/ingress', undefined],
  ['isObserved', 'NetworkPolicy metrics', 'spec/ingress/0/ports/0/port', 8080],
  ['isObserved', API, `${CONTAINER}/ports/1/containerPort`, 8080],
  ['isTold', API, `${CONTAINER}/env/0`, { name: 'TRUSTED_PROXIES', value: 'everybody' }],
];

withKustomize('each rule reports what breaks it', () => {
  let sound: readonly Manifest[];
  beforeAll(() => {
    sound = rendered('prod');
  });

  it.each(mutations)('%s: %s without a right %s (%j)', (rule, title, path, value) =>
    expect(rules[rule](changed(sound, title, path, value))).not.toEqual([]),
  );

  it('reachesNoMore: two doors open between services', () => {
    const api = { 'app.kubernetes.io/component': 'api' };
    const out = 'spec/egress/0/to/0/podSelector/matchLabels';
    const one = changed(sound, 'NetworkPolicy api', out, api);
    expect(rules.reachesNoMore(one)).toEqual([]);
    const both = changed(one, 'NetworkPolicy access', 'spec/podSelector/matchLabels', api);
    expect(rules.reachesNoMore(both)).toContain('routing-api may call payments-api');
  });

  it('and no rule is without such a change', () =>
    expect(names.filter((name) => !mutations.some(([rule]) => rule === name))).toEqual([]));

  it.each(['Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'Service', 'ConfigMap'])(
    'a %s that is missing is missed',
    (kind) => {
      for (const gone of sound.filter((object) => object.kind === kind)) {
        const rest = sound.filter((object) => object !== gone);
        const findings = names.flatMap((name) => rules[name](rest));
        expect([titleOf(gone), findings.length > 0]).toEqual([titleOf(gone), true]);
      }
    },
  );
});
