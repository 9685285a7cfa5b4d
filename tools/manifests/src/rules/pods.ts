import { principalOf } from '@throughline/messaging';
import { SECRET } from '../environment.js';
import {
  COMPONENT_LABEL,
  containersOf,
  NAME_LABEL,
  ofKind,
  podLabels,
  titleOf,
  workloads,
  type Container,
  type Manifest,
  type Rule,
} from '../manifest.js';

/** How long a process may take to finish what it has begun (`services/<service>/src/main.ts`). */
const DRAIN_SECONDS = 20;

const eachContainer = (
  objects: readonly Manifest[],
  look: (container: Container) => readonly string[],
): readonly string[] =>
  workloads(objects).flatMap((workload) =>
    containersOf(workload).flatMap((container) =>
      look(container).map((finding) => `${titleOf(workload)}, ${container.name}: ${finding}`),
    ),
  );

/** Every container says what it needs and what it may take at most, of processor and memory. */
export const hasResources: Rule = (objects) =>
  eachContainer(objects, ({ resources }) =>
    (['requests', 'limits'] as const).flatMap((side) =>
      ['cpu', 'memory']
        .filter((what) => resources?.[side]?.[what] === undefined)
        .map((what) => `no ${what} in ${side}`),
    ),
  );

const PROBES = {
  startupProbe: '/health/live',
  livenessProbe: '/health/live',
  readinessProbe: '/health/ready',
} as const;

/** Everything that serves is probed; only readiness asks dependencies, so that their outage restarts nothing. */
export const isProbed: Rule = (objects) =>
  eachContainer(ofKind(objects, 'Deployment'), (container) =>
    Object.entries(PROBES).flatMap(([name, path]) => {
      const get = container[name as keyof typeof PROBES]?.httpGet;
      if (get?.path !== path) return [`${name} does not ask ${path}`];
      const isOpen = container.ports?.some(
        ({ name: port, containerPort }) => port === get.port || containerPort === get.port,
      );
      return isOpen ? [] : [`${name} asks port ${get.port}, which is not there`];
    }),
  );

/** Pod Security "restricted", with a read-only root file system. */
export const isRestricted: Rule = (objects) => [
  ...workloads(objects).flatMap((workload) => {
    const { securityContext, hostNetwork, hostPID, volumes = [] } = workload.spec.template.spec;
    return [
      ...(securityContext?.runAsNonRoot === true ? [] : ['may run as root']),
      ...((securityContext?.runAsUser ?? 0) > 0 ? [] : ['has no user id of its own']),
      ...(securityContext?.seccompProfile?.type === 'RuntimeDefault' ? [] : ['has no seccomp']),
      ...(hostNetwork || hostPID ? ['lives in the namespaces of its node'] : []),
      ...(volumes.some((volume) => 'hostPath' in volume) ? ['mounts a folder of its node'] : []),
    ].map((finding) => `${titleOf(workload)} ${finding}`);
  }),
  ...eachContainer(objects, ({ securityContext }) => [
    ...(securityContext?.allowPrivilegeEscalation === false ? [] : ['may gain privileges']),
    ...(securityContext?.readOnlyRootFilesystem === true ? [] : ['may write its own files']),
    ...(securityContext?.capabilities?.drop?.includes('ALL') ? [] : ['keeps capabilities']),
    ...(securityContext?.capabilities?.add?.length ? ['adds capabilities'] : []),
  ]),
];

/** An image is named by a version or a digest. */
export const isPinned: Rule = (objects) =>
  eachContainer(objects, ({ image = '' }) =>
    /(@sha256:[0-9a-f]{64}|:(?!latest$)[\w.-]+)$/.test(image)
      ? []
      : [`image "${image}" names no version`],
  );

/** Nothing runs as the default service account, and nothing gets a token of the cluster. */
export const hasNoToken: Rule = (objects) => {
  const accounts = new Map(
    ofKind(objects, 'ServiceAccount').map((account) => [account.metadata.name, account]),
  );
  return workloads(objects).flatMap((workload) => {
    const { serviceAccountName = 'default', automountServiceAccountToken } =
      workload.spec.template.spec;
    const account = accounts.get(serviceAccountName);
    return [
      ...(account ? [] : [`service account ${serviceAccountName} is not one of ours`]),
      ...(automountServiceAccountToken === false && account?.automountServiceAccountToken !== true
        ? []
        : ['gets a token']),
    ].map((finding) => `${titleOf(workload)}: ${finding}`);
  });
};

/** A rollout never has fewer pods than asked for, and each one that goes has the time to finish. */
export const rollsGracefully: Rule = (objects) =>
  ofKind(objects, 'Deployment').flatMap((deployment) => {
    const { strategy, template } = deployment.spec;
    const pause = Math.max(
      ...template.spec.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0),
    );
    const grace = template.spec.terminationGracePeriodSeconds ?? 30;
    return [
      ...(strategy?.type === 'RollingUpdate' && strategy.rollingUpdate?.maxUnavailable === 0
        ? []
        : ['a rollout takes pods away before new ones are ready']),
      ...(pause > 0 ? [] : ['stops before it gets no more requests (preStop)']),
      ...(grace > pause + DRAIN_SECONDS ? [] : [`is killed after ${grace} s, while it drains`]),
    ].map((finding) => `${titleOf(deployment)}: ${finding}`);
  });

/** All objects are in one namespace of their own, which enforces the restricted profile. */
export const hasOwnNamespace: Rule = (objects) => {
  const [namespace, ...more] = ofKind(objects, 'Namespace');
  if (!namespace || more.length > 0) return [`${more.length + (namespace ? 1 : 0)} namespaces`];
  const { name, labels } = namespace.metadata;
  return [
    ...(name === 'default' ? ['the namespace is default'] : []),
    ...(labels?.['pod-security.kubernetes.io/enforce'] === 'restricted'
      ? []
      : [`${titleOf(namespace)} does not enforce the restricted profile`]),
    ...objects
      .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== name)
      .map((object) => `${titleOf(object)} is not in the namespace ${name}`),
  ];
};

/** Which kind of process may be told which Secret. */
const SECRETS_OF: Readonly<Record<string, readonly string[]>> = {
  api: [SECRET],
  worker: [SECRET],
  migrate: [SECRET, 'throughline-admin'],
  gateway: [],
};

const hasPassword = (value: string): boolean => /:\/\/[^/@]*:[^/@]*@/.test(value);

/** Passwords come from the Secrets alone, and only those get them who need them. */
export const keepsSecretsApart: Rule = (objects) => [
  ...workloads(objects).flatMap((workload) => {
    const { [COMPONENT_LABEL]: role = '', [NAME_LABEL]: service = role } = podLabels(workload);
    // Beside what its kind needs: what it logs in to Kafka with.
    const allowed = [...(SECRETS_OF[role] ?? []), principalOf(service)];
    const told = containersOf(workload).flatMap(({ env = [], envFrom = [] }) => [
      ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
      ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ]);
    const literals = containersOf(workload).flatMap(({ env = [] }) => env);
    return [
      ...told.filter((name) => !allowed.includes(name)).map((name) => `is told the Secret ${name}`),
      ...literals
        .filter(({ value = '' }) => hasPassword(value))
        .map(({ name }) => `has a password in ${name}`),
    ].map((finding) => `${titleOf(workload)} ${finding}`);
  }),
  ...ofKind(objects, 'ConfigMap').flatMap((map) =>
    Object.entries(map.data ?? {})
      .filter(([, value]) => hasPassword(value))
      .map(([name]) => `${titleOf(map)} has a password in ${name}`),
  ),
];
