import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type NewService = {
  /** Of its folder, package and processes, for example `gift-cards`. */
  readonly name: string;
  /** Category of its first stream: one word, for example `card`. */
  readonly stream: string;
};

/** Reads a file of the workspace; null when there is none. */
type Read = (path: string) => string | null;
type Files = ReadonlyMap<string, string>;

const TEMPLATES = join(import.meta.dirname, '../templates/service');
const LIST = 'libs/kernel/src/services.ts';
const USERS = 'k8s/components/kafka-users/users.json';

const loginOf = (name: string): string => `  - target:
      kind: Deployment
      labelSelector: app.kubernetes.io/name=${name}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: { name: KAFKA_USERNAME, value: throughline-${name} }
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value:
          name: KAFKA_PASSWORD
          valueFrom: { secretKeyRef: { name: throughline-${name}, key: password } }
`;

type Block = (service: string) => string;

/** Files that say the same of every service: `block` is what they say of one, once or so many times. */
const EACH: readonly (readonly [path: string, block: Block, times?: number])[] = [
  [LIST, (name) => `  '${name}',\n`],
  [
    'docker-compose.yml',
    (name) => `  ${name}:\n    <<: *service\n    command: [services/${name}/dist/main.js]\n`,
  ],
  ['docker-compose.yml', (name) => `      ${name}: { condition: service_healthy }\n`],
  ['deploy/prometheus/prometheus.yml', (name) => `          - ${name}\n`],
  [
    'deploy/prometheus/alerts.yml',
    (name) => `          or absent(up{job="throughline",app="${name}"})\n`,
  ],
  [
    'deploy/prometheus/alerts.test.yml',
    (name) =>
      `      - series: up{job="throughline",app="${name}",instance="${name}:9464"}\n        values: 1x30\n`,
    2,
  ],
  ['k8s/base/kustomization.yaml', (name) => `  - ${name}\n`],
  ['k8s/base/gateway.env', (name) => `${upper(name)}_URL=http://${name}-api:8080\n`],
  ['k8s/components/kafka-users/kustomization.yaml', loginOf],
];

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
const camel = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The new files of a service, and the files that name it as they become. Throws where it cannot be made. */
export const serviceFiles = (read: Read, { name, stream }: NewService): Files => {
  const names = servicesIn(textOf(read, LIST));
  const last = names.at(-1)!;
  if (names.includes(name) || read(`services/${name}/package.json`) !== null)
    throw new Error(`There is a service ${name} already`);
  const files = new Map<string, string>();
  for (const [path, block, times = 1] of EACH) {
    const text = files.get(path) ?? textOf(read, path);
    if (text.split(block(last)).length !== times + 1)
      throw new Error(`${path} does not say ${times} times:\n${block(last)}`);
    files.set(
      path,
      text.replaceAll(block(last), () => block(last) + block(name)),
    );
  }
  const manifest = `k8s/base/${last}/kustomization.yaml`;
  files.set(`k8s/base/${name}/kustomization.yaml`, textOf(read, manifest).replaceAll(last, name));
  files.set(USERS, withUser(textOf(read, USERS), name));
  const words: readonly (readonly [string, string])[] = [
    ['__name__', name],
    ['__camelName__', camel(name)],
    ['__Name__', capital(camel(name))],
    ['__schema__', name.replaceAll('-', '_')],
    ['__stream__', stream],
    ['__Stream__', capital(stream)],
  ];
  const filled = (text: string): string =>
    words.reduce((all, [word, value]) => all.replaceAll(word, value), text);
  for (const template of globSync('**/*.template', { cwd: TEMPLATES })) {
    const path = `services/${name}/${template.replaceAll('\\', '/').replace(/\.template$/, '')}`;
    files.set(filled(path), filled(readFileSync(join(TEMPLATES, template), 'utf8')));
  }
  return files;
};

const textOf = (read: Read, path: string): string => {
  const text = read(path);
  if (text === null) throw new Error(`There is no ${path}`);
  return text;
};

export const servicesIn = (list: string): readonly string[] =>
  [...list.matchAll(/^ {2}'([a-z-]+)',$/gm)].map(([, name]) => name!);

/** What its consumer may do, as `npm run kafka-access -- strimzi` says. */
const withUser = (json: string, name: string): string => {
  const list = JSON.parse(json) as { items: unknown[] };
  const reads = (type: string, resource: string) => ({
    resource: { type, name: resource, patternType: 'literal' },
    operations: ['Describe', 'Read'],
  });
  const acls = [
    reads('topic', 'oms.order'),
    reads('topic', `oms.order.replay.${name}.oms.order`),
    reads('group', `${name}.oms.order`),
  ];
  list.items.push({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name: `throughline-${name}`, labels: { 'strimzi.io/cluster': 'kafka' } },
    spec: {
      authentication: { type: 'scram-sha-512' },
      authorization: { type: 'simple', acls },
    },
  });
  return JSON.stringify(list, null, 2);
};
