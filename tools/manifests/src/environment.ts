import { ofKind, podLabels, type Manifest, type Of } from './manifest.js';

/** What the Secret brings, which is made by hand: addresses with passwords (docs/operations/kubernetes.md). */
export const SECRET = 'throughline';
export const SECRETS = {
  DATABASE_URL: 'postgres://throughline:secret@postgres.example:5432/throughline',
  EVENTSTORE_URL: 'esdb://throughline:secret@eventstore.example:2113',
} as const;

/** The environment of a workload's first container, as Kubernetes would put it together. */
export const environmentOf = (
  objects: readonly Manifest[],
  workload: Of<'Deployment'> | Of<'Job'>,
): Readonly<Record<string, string>> => {
  const environment: Record<string, string> = {};
  const [container] = workload.spec.template.spec.containers;
  for (const { configMapRef, secretRef } of container?.envFrom ?? []) {
    const map = ofKind(objects, 'ConfigMap').find(
      ({ metadata }) => metadata.name === configMapRef?.name,
    );
    Object.assign(environment, map?.data, secretRef?.name === SECRET ? SECRETS : {});
  }
  for (const { name, value, valueFrom } of container?.env ?? []) {
    const label = /^metadata\.labels\['(.+)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? '')?.[1];
    // A secret of its own, whatever it says.
    if (valueFrom?.secretKeyRef) environment[name] = 'secret';
    else
      environment[name] = value ?? (label === undefined ? '' : (podLabels(workload)[label] ?? ''));
  }
  return environment;
};

/** The file that a workload runs, with `$(VARIABLE)` filled in. */
export const programOf = (
  objects: readonly Manifest[],
  workload: Of<'Deployment'> | Of<'Job'>,
): string => {
  const environment = environmentOf(objects, workload);
  return (workload.spec.template.spec.containers[0]?.args ?? [])
    .join(' ')
    .replaceAll(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole);
};
