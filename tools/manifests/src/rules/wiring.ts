import { upstreamsOf } from '@throughline/gateway';
import { serviceConfig, type ServiceDefinition } from '@throughline/service-kit';
import { environmentOf, programOf, SECRET } from '../environment.js';
import {
  COMPONENT_LABEL,
  containersOf,
  NAME_LABEL,
  ofKind,
  podLabels,
  selects,
  titleOf,
  workloads,
  type Labels,
  type Manifest,
  type Of,
  type Rule,
} from '../manifest.js';

/** What the workspace knows of a service. */
export type Expected = {
  readonly definition: ServiceDefinition;
  /** Has consumers, projections, tasks or a relay. */
  readonly works: boolean;
};

const GATEWAY = 'gateway';

const isSelected = (objects: readonly Manifest[], selector: Labels | undefined): boolean =>
  Object.keys(selector ?? {}).length > 0 &&
  workloads(objects).some((workload) => selects({ matchLabels: selector! }, podLabels(workload)));

/** Every selector selects what it is meant to, and nothing else's. */
export const selectorsMatch: Rule = (objects) => [
  ...ofKind(objects, 'Deployment').flatMap((deployment) => {
    const selected = workloads(objects).filter((other) =>
      selects(deployment.spec.selector, podLabels(other)),
    );
    return selected.length === 1 && selected[0] === deployment
      ? []
      : [`${titleOf(deployment)} selects the pods of ${selected.map(titleOf).join(', ')}`];
  }),
  ...ofKind(objects, 'Service').flatMap((service) =>
    isSelected(objects, service.spec.selector) ? [] : [`${titleOf(service)} selects no pod`],
  ),
  ...ofKind(objects, 'PodDisruptionBudget').flatMap((budget) =>
    isSelected(objects, budget.spec.selector?.matchLabels)
      ? []
      : [`${titleOf(budget)} selects no pod`],
  ),
  ...ofKind(objects, 'NetworkPolicy').flatMap((policy) =>
    workloads(objects).some((workload) => selects(policy.spec.podSelector, podLabels(workload)))
      ? []
      : [`${titleOf(policy)} selects no pod`],
  ),
];

const portIsOpen = (objects: readonly Manifest[], service: Of<'Service'>): boolean =>
  (service.spec.ports ?? []).every(({ port, targetPort = port }) =>
    workloads(objects)
      .filter((workload) =>
        selects({ matchLabels: service.spec.selector ?? {} }, podLabels(workload)),
      )
      .flatMap(containersOf)
      .every((container) =>
        container.ports?.some(
          ({ name, containerPort }) => name === targetPort || containerPort === targetPort,
        ),
      ),
  );

/** Whatever is named is there: ConfigMaps, the one Secret, ports, the Service behind an Ingress. */
export const referencesExist: Rule = (objects) => {
  const names = (kind: 'ConfigMap' | 'Service') =>
    new Set(ofKind(objects, kind).map(({ metadata }) => metadata.name));
  const [maps, services] = [names('ConfigMap'), names('Service')];
  return [
    ...workloads(objects).flatMap((workload) =>
      containersOf(workload)
        .flatMap(({ envFrom = [] }) => envFrom)
        .flatMap(({ configMapRef, secretRef }) => [
          ...(configMapRef && !maps.has(configMapRef.name ?? '') ? [configMapRef.name] : []),
          ...(secretRef && secretRef.name !== SECRET ? [secretRef.name] : []),
        ])
        .map((name) => `${titleOf(workload)}: there is no ${name}`),
    ),
    ...ofKind(objects, 'Service')
      .filter((service) => !portIsOpen(objects, service))
      .map((service) => `${titleOf(service)} leads to a port that is not open`),
    ...ofKind(objects, 'Ingress').flatMap((ingress) =>
      (ingress.spec.rules ?? [])
        .flatMap(({ http }) => http?.paths ?? [])
        .filter(({ backend }) => !services.has(backend.service?.name ?? ''))
        .map(({ backend }) => `${titleOf(ingress)} leads to ${backend.service?.name}`),
    ),
  ];
};

/** Each service of the workspace has the Deployments of its roles, which run it, and nothing else is deployed. */
export const deploysServices =
  (expected: readonly Expected[]): Rule =>
  (objects) => {
    const wanted = new Map([[GATEWAY, 'services/gateway/dist/main.js']]);
    for (const { definition, works } of expected)
      for (const role of works ? ['api', 'worker'] : ['api'])
        wanted.set(`${definition.name}-${role}`, `services/${definition.name}/dist/main.js`);
    const found = new Map(
      ofKind(objects, 'Deployment').map((deployment) => [deployment.metadata.name, deployment]),
    );
    return [
      ...[...wanted].flatMap(([name, program]) => {
        const deployment = found.get(name);
        if (!deployment) return [`there is no Deployment ${name}`];
        const runs = programOf(objects, deployment);
        return runs === program ? [] : [`${titleOf(deployment)} runs ${runs}`];
      }),
      ...[...found.keys()]
        .filter((name) => !wanted.has(name))
        .map((name) => `Deployment ${name} belongs to no service of the workspace`),
      ...ofKind(objects, 'Job')
        .filter((job) => programOf(objects, job) !== 'services/standalone/dist/migrate.js')
        .map((job) => `${titleOf(job)} does not migrate`),
    ];
  };

/** Which variables a service process reads, found by watching it read. */
const variablesRead = (environment: Readonly<Record<string, string>>): ReadonlySet<string> => {
  const read = new Set<string>();
  const watched = new Proxy(environment, {
    get: (target, name: string) => {
      read.add(name);
      return target[name];
    },
  });
  serviceConfig('any', watched, mounted);
  return read;
};

/** Certificates are mounted where the pods run. */
const mounted = (path: string): string => `the text of ${path}`;

const wrongWith = (
  role: string,
  service: string,
  environment: Record<string, string>,
): string[] => {
  try {
    const config = serviceConfig(service, environment, mounted);
    const unread = Object.keys(environment).filter(
      (name) => name !== 'SERVICE' && !variablesRead(environment).has(name),
    );
    return [
      ...(config.role === role ? [] : [`starts as ${config.role}`]),
      ...(config.migrates ? ['migrates by itself, beside the Job'] : []),
      ...unread.map((name) => `is told ${name}, which nobody reads`),
    ];
  } catch (error) {
    return [(error as Error).message];
  }
};

/** Each process can read its environment with the code that it starts with, and is told nothing that nobody reads. */
export const isTold: Rule = (objects) =>
  ofKind(objects, 'Deployment')
    .filter(({ metadata }) => metadata.name !== GATEWAY)
    .flatMap((deployment) => {
      const { [NAME_LABEL]: service = '', [COMPONENT_LABEL]: role = '' } = podLabels(deployment);
      const environment = environmentOf(objects, deployment);
      return wrongWith(role, service, environment).map(
        (finding) => `${titleOf(deployment)}: ${finding}`,
      );
    });

/** The gateway finds the HTTP side of each service where its environment says. */
export const gatewayFindsServices =
  (expected: readonly Expected[]): Rule =>
  (objects) => {
    const gateway = ofKind(objects, 'Deployment').find(({ metadata }) => metadata.name === GATEWAY);
    if (!gateway) return ['there is no gateway'];
    const environment = environmentOf(objects, gateway);
    const definitions = expected.map(({ definition }) => definition);
    return upstreamsOf(definitions, environment).flatMap(({ service, urls }) => {
      const { hostname, port } = new URL(urls[0]!);
      const found = ofKind(objects, 'Service').find(({ metadata }) => metadata.name === hostname);
      const { [NAME_LABEL]: name, [COMPONENT_LABEL]: role } = found?.spec.selector ?? {};
      const isOpen = found?.spec.ports?.some((open) => `${open.port}` === port);
      return isOpen && name === service && role === 'api'
        ? []
        : [`the gateway looks for ${service} at ${urls[0]}`];
    });
  };
